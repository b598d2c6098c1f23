// Several workers of one frontier, all of them processes.
// VERSO_TEST_SIZE=full kills 200 of them instead of 20.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "shardstore/shard_store.h"
#include "tests/ingest/wga_stand_in.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::ContainsRegex;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;
using ::verso::testing::RunProcess;
using ::verso::testing::WaitForPort;

constexpr int kWorkers = 3;
constexpr int kParallel = 4;
constexpr int kRequestsBetweenKills = 15;

class SharedFrontierTest : public ::testing::Test {
 protected:
  void Start(int pictures) {
    site_ = std::make_unique<WgaStandIn>(
        pictures, [this](const std::string& what) { OnRequest(what); });
    const std::filesystem::path port_file = dir_ / "store.port";
    store_server_ = std::make_unique<Process>(
        Process::Start({"shardstore/shardstore", "serve",
                        "--store=" + (dir_ / "store").string(),
                        "--listen=127.0.0.1:0",
                        "--port_file=" + port_file.string()})
            .value());
    store_ = absl::StrCat("127.0.0.1:",
                          WaitForPort(*store_server_, port_file).value());
    frontier_ = "127.0.0.1:0";
    StartFrontier();
  }

  // Again at the port that it had.
  void StartFrontier() {
    const std::filesystem::path port_file = dir_ / "frontier.port";
    std::filesystem::remove(port_file);
    frontier_server_ = std::make_unique<Process>(
        Process::Start({"ingest/ingest", "frontier",
                        "--frontier=" + (dir_ / "frontier").string(),
                        "--listen=" + frontier_, "--worker_silence=2s",
                        "--port_file=" + port_file.string()})
            .value());
    const auto port = WaitForPort(*frontier_server_, port_file);
    ASSERT_OK(port) << frontier_server_->Output();
    frontier_ = absl::StrCat("127.0.0.1:", *port);
  }

  std::unique_ptr<Process> StartWorker(const std::string& host_interval) {
    return std::make_unique<Process>(
        Process::Start({"ingest/ingest", "run", "--sources=wga",
                        "--wga_url=" + site_->Url(), "--store=" + store_,
                        "--frontier=" + frontier_,
                        "--host_interval=" + host_interval,
                        absl::StrCat("--parallel=", kParallel)})
            .value());
  }

  void OnRequest(const std::string& what) {
    absl::MutexLock lock(&mu_);
    times_.push_back(absl::Now());
    if (what != "catalogue" && what != "rules") ++pictures_asked_;
  }
  int PicturesAsked() {
    absl::MutexLock lock(&mu_);
    return pictures_asked_;
  }
  // Waits for so many, or for 20 seconds.
  void AwaitPicturesAsked(int count) {
    absl::MutexLock lock(&mu_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
      return pictures_asked_ >= count;
    };
    mu_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20));
  }

  // The item ids of all records of the store.
  std::multiset<std::string> StoredIds() {
    auto store = OpenShardStore(store_, StoreAccess::kRead).value();
    auto reader = store->Query(RecordQuery()).value();
    std::multiset<std::string> ids;
    while (const auto record = reader->Next().value()) {
      ids.insert(record->provenance().source_item_id());
    }
    return ids;
  }
  void ExpectStoredOnceEach(size_t pictures) {
    const std::multiset<std::string> ids = StoredIds();
    EXPECT_EQ(ids.size(), pictures);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), pictures);
  }

  const std::filesystem::path dir_ = MakeTestDir("shared");
  absl::Mutex mu_;
  std::vector<absl::Time> times_ ABSL_GUARDED_BY(mu_);
  int pictures_asked_ ABSL_GUARDED_BY(mu_) = 0;
  std::unique_ptr<WgaStandIn> site_;
  std::unique_ptr<Process> store_server_;
  std::unique_ptr<Process> frontier_server_;
  std::string store_;
  std::string frontier_;
};

TEST_F(SharedFrontierTest, KillsOfWorkersAndOfTheFrontierLoseNothing) {
  const char* size = std::getenv("VERSO_TEST_SIZE");
  const int kills = size != nullptr && std::string(size) == "full" ? 200 : 20;
  const int pictures = (kills + 5) * kRequestsBetweenKills;
  Start(pictures);
  std::vector<std::unique_ptr<Process>> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(StartWorker("1ms"));
  std::mt19937 random(20261125);
  int killed_workers = 0;
  for (int kill = 1; kill <= kills; ++kill) {
    AwaitPicturesAsked(kill * kRequestsBetweenKills);
    const size_t victim = random() % (kWorkers + 1);
    if (victim == kWorkers) {
      frontier_server_->Signal(SIGKILL);
      ASSERT_EQ(frontier_server_->Wait().value(), 128 + SIGKILL);
      StartFrontier();
      continue;
    }
    workers[victim]->Signal(SIGKILL);
    ASSERT_EQ(workers[victim]->Wait().value(), 128 + SIGKILL);
    workers[victim] = StartWorker("1ms");
    ++killed_workers;
  }
  for (const auto& worker : workers) {
    EXPECT_EQ(worker->Wait().value(), 0) << worker->Output();
  }
  ExpectStoredOnceEach(pictures);
  EXPECT_GE(PicturesAsked(), pictures);
  EXPECT_LE(PicturesAsked(), pictures + killed_workers * kParallel);
  const auto status =
      RunProcess({"ingest/ingest", "status", "--frontier=" + frontier_});
  EXPECT_THAT(status->output, ContainsRegex("\nwga +0 +0 "));
}

TEST_F(SharedFrontierTest, WorkersTogetherKeepTheLimitOfAHost) {
  constexpr int kPerSecond = 10;
  constexpr int kPictures = 45;
  Start(kPictures);
  std::vector<std::unique_ptr<Process>> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(StartWorker("100ms"));
  for (const auto& worker : workers) {
    EXPECT_EQ(worker->Wait().value(), 0) << worker->Output();
  }
  ExpectStoredOnceEach(kPictures);
  absl::MutexLock lock(&mu_);
  std::sort(times_.begin(), times_.end());
  for (size_t i = kPerSecond; i < times_.size(); ++i) {
    EXPECT_GT(times_[i] - times_[i - kPerSecond], absl::Seconds(1))
        << "requests " << i - kPerSecond << " to " << i;
  }
}

TEST_F(SharedFrontierTest, AStoreThatIsKilledAndComesBackIsWaitedFor) {
  constexpr int kPictures = 60;
  Start(kPictures);
  const auto worker = StartWorker("1ms");
  AwaitPicturesAsked(20);
  store_server_->Signal(SIGKILL);
  ASSERT_EQ(store_server_->Wait().value(), 128 + SIGKILL);
  const std::filesystem::path port_file = dir_ / "again.port";
  store_server_ = std::make_unique<Process>(
      Process::Start({"shardstore/shardstore", "serve",
                      "--store=" + (dir_ / "store").string(),
                      "--listen=" + store_,
                      "--port_file=" + port_file.string()})
          .value());
  ASSERT_OK(WaitForPort(*store_server_, port_file));
  EXPECT_EQ(worker->Wait().value(), 0) << worker->Output();
  ExpectStoredOnceEach(kPictures);
}

}  // namespace
}  // namespace verso
