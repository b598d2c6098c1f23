// Servers that are real processes and die real deaths.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/recipe.h"
#include "shardstore/remote_shard_store.h"
#include "tests/shardstore/dataset_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;
using ::verso::testing::ReadAllBatches;
using ::verso::testing::StatusIs;
using ::verso::testing::TextOf;

class ShardServerProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = MakeTestDir("process");
    local_ = testing::MakeDrawnStore(dir_ / "store", 8);
    options_.snapshot =
        local_->CreateSnapshot(LoadRecipe("d2_fair").value())->id();
    options_.epochs = 4;
    options_.global_batch = 4;
  }

  // Ready to be used when it returns.
  Process Serve(const std::string& listen) {
    const fs::path port_file = dir_ / "port";
    fs::remove(port_file);
    Process server =
        Process::Start({"tests/shardstore/store_server",
                        (dir_ / "store").string(), listen, port_file.string()})
            .value();
    const auto port = WaitForPort(server, port_file);
    EXPECT_OK(port) << server.Output();
    if (port.ok()) port_ = *port;
    return server;
  }

  std::string LocalText() {
    return TextOf(ReadAllBatches(*local_->StreamSamples(options_).value()));
  }

  fs::path dir_;
  std::unique_ptr<LocalShardStore> local_;
  SampleStreamOptions options_;
  int port_ = 0;
};

TEST_F(ShardServerProcessTest, AStreamGoesOnBehindAServerThatWasKilled) {
  const std::string listen =
      absl::StrCat("unix:", (testing::MakeSocketDir() / "s").string());
  Process server = Serve(listen);
  ASSERT_OK_AND_ASSIGN(const auto client,
                       OpenShardStore(listen, StoreAccess::kRead));
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(options_));
  std::vector<SampleBatch> batches;
  for (int step = 0; step < 6; ++step) {
    batches.push_back(stream->Next().value().value());
    if (step % 2 == 0) continue;
    server.Signal(SIGKILL);
    ASSERT_OK(server.Wait());
    server = Serve(listen);
  }
  for (SampleBatch& batch : ReadAllBatches(*stream)) {
    batches.push_back(std::move(batch));
  }
  EXPECT_EQ(TextOf(batches), LocalText());
}

TEST_F(ShardServerProcessTest, PortZeroIsAnyFreePortAndThePortFileSaysWhich) {
  Process server = Serve("127.0.0.1:0");
  ASSERT_GT(port_, 0);
  ASSERT_OK_AND_ASSIGN(
      const auto client,
      OpenShardStore(absl::StrCat("127.0.0.1:", port_), StoreAccess::kRead));
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(options_));
  EXPECT_EQ(TextOf(ReadAllBatches(*stream)), LocalText());
}

TEST_F(ShardServerProcessTest, SigtermStopsItCleanlyWhileAStreamIsOpen) {
  Process server = Serve("127.0.0.1:0");
  ASSERT_OK_AND_ASSIGN(
      const auto client,
      OpenShardStore(absl::StrCat("127.0.0.1:", port_), StoreAccess::kRead));
  options_.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(options_));
  ASSERT_OK(stream->Next());
  server.Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int exit_code, server.Wait());
  EXPECT_EQ(exit_code, 0) << server.Output();
  stream->Cancel();
}

TEST_F(ShardServerProcessTest, AServerThatHangsIsUnavailable) {
  Process server = Serve("127.0.0.1:0");
  RemoteStoreOptions remote;
  remote.stream.progress_timeout = absl::Milliseconds(300);
  ASSERT_OK_AND_ASSIGN(
      const auto client,
      RemoteShardStore::Connect(absl::StrCat("127.0.0.1:", port_), remote));
  options_.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(options_));
  server.Signal(SIGSTOP);
  absl::Status status;  // What was under way still comes.
  while (status.ok()) status = stream->Next().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("sent nothing for 300ms")));
}

TEST_F(ShardServerProcessTest, APortInUseIsOneSentenceAndExitCodeOne) {
  Process first = Serve("127.0.0.1:0");
  ASSERT_OK_AND_ASSIGN(
      Process second,
      Process::Start(
          {"tests/shardstore/store_server", (dir_ / "store").string(),
           absl::StrCat("127.0.0.1:", port_), (dir_ / "other").string()}));
  ASSERT_OK_AND_ASSIGN(const int exit_code, second.Wait());
  EXPECT_EQ(exit_code, 1);
  EXPECT_THAT(second.Output(), HasSubstr(absl::StrCat("port ", port_)));
  EXPECT_FALSE(fs::exists(dir_ / "other"));
}

}  // namespace
}  // namespace verso
