#include "shardstore/shard_server.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
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
using ::google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::DrawnRecord;
using ::verso::testing::MakeSocketDir;
using ::verso::testing::MakeTestDir;
using ::verso::testing::ReadAllBatches;
using ::verso::testing::StatusIs;
using ::verso::testing::TextOf;

// One store with one snapshot for all tests; servers come and go.
class ShardServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new fs::path(MakeTestDir("server"));
    local_ = testing::MakeDrawnStore(*dir_ / "store", 12).release();
    snapshot_ = new SnapshotInfo(
        local_->CreateSnapshot(LoadRecipe("d4_fair").value()).value());
  }
  static void TearDownTestSuite() {
    delete snapshot_;
    delete local_;
  }

  static std::unique_ptr<ShardServer> Serve(
      const std::string& listen = "127.0.0.1:0") {
    auto server = ShardServer::Start(local_, listen);
    EXPECT_OK(server);
    return *std::move(server);
  }

  static SampleStreamOptions TrainOptions(int rank = 0, int world_size = 1) {
    SampleStreamOptions options;
    options.snapshot = snapshot_->id();
    options.seed = 3;
    options.epochs = 3;
    options.global_batch = 8;
    options.rank = rank;
    options.world_size = world_size;
    return options;
  }

  static inline fs::path* dir_ = nullptr;
  static inline LocalShardStore* local_ = nullptr;
  static inline SnapshotInfo* snapshot_ = nullptr;
};

std::unique_ptr<ShardStore> ClientOf(const ShardServer& server) {
  auto client = OpenShardStore(server.address(), StoreAccess::kRead);
  EXPECT_OK(client);
  return *std::move(client);
}

std::string StreamText(ShardStore& store, const SampleStreamOptions& options) {
  auto stream = store.StreamSamples(options);
  EXPECT_OK(stream);
  if (!stream.ok()) return "";
  return TextOf(ReadAllBatches(**stream));
}

TEST_F(ShardServerTest, RemoteStreamsAreLocalStreamsByteForByte) {
  const auto tcp = Serve();
  const auto unix =
      Serve(absl::StrCat("unix:", (MakeSocketDir() / "s").string()));
  for (const ShardServer* server : {tcp.get(), unix.get()}) {
    const auto client = ClientOf(*server);
    for (int rank = 0; rank < 3; ++rank) {
      const std::string local = StreamText(*local_, TrainOptions(rank, 3));
      ASSERT_FALSE(local.empty());
      EXPECT_EQ(StreamText(*client, TrainOptions(rank, 3)), local);
    }
  }
}

TEST_F(ShardServerTest, ValidationIsStreamedToo) {
  const auto server = Serve();
  SampleStreamOptions options = TrainOptions();
  options.split = SPLIT_VALIDATION;
  options.shuffle = false;
  options.epochs = 1;
  EXPECT_EQ(StreamText(*ClientOf(*server), options),
            StreamText(*local_, options));
}

TEST_F(ShardServerTest, AStreamGoesOnWhereTheServerWasStoppedAndStartedAgain) {
  auto server = Serve(absl::StrCat("unix:", (MakeSocketDir() / "s").string()));
  const std::string address = server->address();
  const auto client = ClientOf(*server);
  ASSERT_OK_AND_ASSIGN(const auto stream,
                       client->StreamSamples(TrainOptions()));
  std::vector<SampleBatch> batches;
  for (int step = 0; step < 7; ++step) {
    batches.push_back(stream->Next().value().value());
    if (step % 3 != 1) continue;
    server.reset();
    server = Serve(address);
  }
  for (SampleBatch& batch : ReadAllBatches(*stream)) {
    batches.push_back(std::move(batch));
  }
  EXPECT_EQ(TextOf(batches), StreamText(*local_, TrainOptions()));
}

TEST_F(ShardServerTest, AStreamEndsOnceTheServerStaysAway) {
  auto server = Serve();
  RemoteStoreOptions options;
  options.stream.progress_timeout = absl::Milliseconds(200);
  ASSERT_OK_AND_ASSIGN(const auto client,
                       RemoteShardStore::Connect(server->address(), options));
  SampleStreamOptions endless = TrainOptions();
  endless.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(endless));
  server.reset();
  absl::Status status;
  while (status.ok()) status = stream->Next().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
}

// The kernel completes the handshake, nobody reads.
TEST_F(ShardServerTest, ASilentServerIsUnavailable) {
  const FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size),
            0);
  ASSERT_EQ(listen(listener.get(), 4), 0);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const std::string target =
      absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  RemoteStoreOptions options;
  options.connect_timeout = absl::Milliseconds(300);
  EXPECT_THAT(RemoteShardStore::Connect(target, options),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr(target), HasSubstr("serve"))));
}

TEST_F(ShardServerTest, CancelEndsAPendingNext) {
  auto server = Serve();
  const auto client = ClientOf(*server);
  SampleStreamOptions endless = TrainOptions();
  endless.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(endless));
  absl::Notification begun;
  absl::Status status;
  std::thread reader([&] {
    for (int i = 0; status.ok(); ++i) {
      status = stream->Next().status();
      if (i == 3) begun.Notify();
    }
  });
  begun.WaitForNotification();
  stream->Cancel();
  reader.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(stream->Next(), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ShardServerTest, CancelEndsTheWaitForAServerThatIsAway) {
  auto server = Serve();
  const auto client = ClientOf(*server);
  ASSERT_OK_AND_ASSIGN(const auto stream,
                       client->StreamSamples(TrainOptions()));
  server.reset();
  std::thread canceller([&] { stream->Cancel(); });
  absl::Status status;
  while (status.ok()) status = stream->Next().status();
  canceller.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(ShardServerTest, AnOpenStreamDoesNotKeepTheServerFromStopping) {
  auto server = Serve();
  const auto client = ClientOf(*server);
  SampleStreamOptions endless = TrainOptions();
  endless.epochs = 0;
  ASSERT_OK_AND_ASSIGN(const auto stream, client->StreamSamples(endless));
  ASSERT_OK(stream->Next());
  server->Stop();  // Returns, or the test times out.
  stream->Cancel();
}

TEST_F(ShardServerTest, AppendedRecordsOfSeveralPartsComeBackByQuery) {
  const fs::path dir = MakeTestDir("append");
  auto store = LocalShardStore::Open(dir, StoreAccess::kWrite).value();
  ASSERT_OK_AND_ASSIGN(const auto server,
                       ShardServer::Start(store.get(), "127.0.0.1:0"));
  const auto client = ClientOf(*server);
  std::vector<Record> records = {DrawnRecord("wga", 1), DrawnRecord("wga", 2)};
  records[1].mutable_image()->append(std::string(5 << 20, 'x'));
  testing::StoreAll(*client, records);
  RecordQuery query;
  query.set_include_bytes(true);
  ASSERT_OK_AND_ASSIGN(const auto reader, client->Query(query));
  for (const Record& record : records) {
    ASSERT_OK_AND_ASSIGN(const auto back, reader->Next());
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(back->image() == record.image());
    EXPECT_EQ(back->provenance().page_url(), record.provenance().page_url());
  }
  ASSERT_OK_AND_ASSIGN(const auto end, reader->Next());
  EXPECT_FALSE(end.has_value());
}

TEST_F(ShardServerTest, TheOutcomeOfEachRecordIsTold) {
  auto store =
      LocalShardStore::Open(MakeTestDir("outcome"), StoreAccess::kWrite)
          .value();
  ASSERT_OK_AND_ASSIGN(const auto server,
                       ShardServer::Start(store.get(), "127.0.0.1:0"));
  const auto client = ClientOf(*server);
  const std::vector<Record> records = {DrawnRecord("wga", 1)};
  testing::StoreAll(*client, records);
  ASSERT_OK_AND_ASSIGN(const auto again, client->Append(records));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].outcome(), APPEND_OUTCOME_DUPLICATE);
}

// "<item> <label> [<quarantine>]" of all that is stored, and of what is served.
std::string StatesOf(ShardStore& store) {
  std::string states;
  for (const bool all : {true, false}) {
    RecordQuery query;
    query.set_include_quarantined(all);
    const auto reader = store.Query(query).value();
    while (const auto record = reader->Next().value()) {
      const Provenance& from = record->provenance();
      absl::StrAppend(&states, from.source_item_id(), " ", from.label(), " [",
                      from.quarantine(), "]\n");
    }
  }
  return states;
}

Judgement JudgementOf(const std::string& id, JudgementAction action) {
  Judgement judgement;
  judgement.set_record_id(id);
  judgement.set_action(action);
  judgement.set_label(LABEL_MIXED);
  judgement.set_reason("why");
  return judgement;
}

TEST_F(ShardServerTest, QuarantineAndJudgementsAreTheSameOverTheWire) {
  std::vector<Record> records = {DrawnRecord("wga", 1), DrawnRecord("wga", 2),
                                 DrawnRecord("wga", 3)};
  records[1].mutable_provenance()->set_quarantine("a seed");
  std::vector<std::string> states;
  for (const bool remote : {false, true}) {
    auto local =
        LocalShardStore::Open(MakeTestDir("judge"), StoreAccess::kWrite)
            .value();
    ASSERT_OK_AND_ASSIGN(const auto server,
                         ShardServer::Start(local.get(), "127.0.0.1:0"));
    const auto client = ClientOf(*server);
    ShardStore& store = remote ? *client : *local;
    ASSERT_OK_AND_ASSIGN(const auto outcomes, store.Append(records));
    EXPECT_EQ(outcomes[1].outcome(), APPEND_OUTCOME_QUARANTINED);
    EXPECT_EQ(outcomes[1].reason(), "a seed");
    states.push_back(StatesOf(store));
    const std::string id = outcomes[0].record_id();
    ASSERT_OK(store.Judge(
        {JudgementOf(id, JUDGEMENT_ACTION_QUARANTINE),
         JudgementOf(outcomes[1].record_id(), JUDGEMENT_ACTION_RELEASE),
         JudgementOf(outcomes[2].record_id(), JUDGEMENT_ACTION_LABEL)}));
    states.push_back(StatesOf(store));
    EXPECT_THAT(store.Judge({JudgementOf(id, JUDGEMENT_ACTION_RELEASE),
                             JudgementOf(std::string(32, 'a'),
                                         JUDGEMENT_ACTION_RELEASE)}),
                StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(StatesOf(store), states.back());
  }
  EXPECT_EQ(states[0], "1 1 []\n2 1 [a seed]\n3 1 []\n1 1 []\n3 1 []\n");
  EXPECT_EQ(states[1], "1 1 [why]\n2 1 []\n3 3 []\n2 1 []\n3 3 []\n");
  EXPECT_EQ(states[2], states[0]);
  EXPECT_EQ(states[3], states[1]);
}

TEST_F(ShardServerTest, ADamagedRecordIsNamedAndTheQueryGoesOn) {
  const fs::path dir = MakeTestDir("damaged");
  auto store = LocalShardStore::Open(dir, StoreAccess::kWrite).value();
  testing::StoreAll(*store, std::vector<Record>{DrawnRecord("wga", 1),
                                                DrawnRecord("wga", 2)});
  fs::path shard;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.path().extension() == ".tar") shard = entry.path();
  }
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(shard));
  // Inside the first picture.
  testing::FlipByte(shard, bytes.find("\xff\xd8\xff") + 100);
  ASSERT_OK_AND_ASSIGN(const auto server,
                       ShardServer::Start(store.get(), "127.0.0.1:0"));
  const auto client = ClientOf(*server);
  RecordQuery query;
  query.set_include_bytes(true);
  ASSERT_OK_AND_ASSIGN(const auto reader, client->Query(query));
  EXPECT_THAT(reader->Next(), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK_AND_ASSIGN(const auto second, reader->Next());
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->provenance().source_item_id(), "2");
}

TEST_F(ShardServerTest, SnapshotsAreFoundAndMadeOverTheWire) {
  const auto server = Serve();
  const auto client = ClientOf(*server);
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo found,
                       client->GetSnapshot("d4_fair"));
  EXPECT_TRUE(MessageDifferencer::Equals(found, *snapshot_));
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo made,
                       client->CreateSnapshot(LoadRecipe("d4_fair").value()));
  EXPECT_TRUE(MessageDifferencer::Equals(made, *snapshot_));
  ASSERT_OK_AND_ASSIGN(const auto all, client->ListSnapshots());
  EXPECT_EQ(all.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       client->ReadSampleTable(snapshot_->id()));
  EXPECT_EQ(SamplesToCsv(rows),
            SamplesToCsv(local_->ReadSampleTable(snapshot_->id()).value()));
}

TEST_F(ShardServerTest, ErrorsKeepTheirCodeAndWords) {
  const auto server = Serve();
  const auto client = ClientOf(*server);
  EXPECT_EQ(client->GetSnapshot("nope").status(),
            local_->GetSnapshot("nope").status());
  EXPECT_EQ(client->ReadSampleTable("nope").status(),
            local_->ReadSampleTable("nope").status());
  SampleStreamOptions options = TrainOptions(5, 2);
  EXPECT_EQ(client->StreamSamples(options).status(),
            local_->StreamSamples(options).status());
  DatasetRecipe recipe = LoadRecipe("d4_fair").value();
  recipe.set_fraction(7);
  EXPECT_EQ(client->CreateSnapshot(recipe).status(),
            local_->CreateSnapshot(recipe).status());
  RecordQuery query;
  query.set_limit(-1);
  EXPECT_THAT(client->Query(query),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ShardServerTest, APortInUseIsNamed) {
  const auto server = Serve();
  EXPECT_THAT(
      ShardServer::Start(local_, server->address()),
      StatusIs(absl::StatusCode::kAlreadyExists,
               HasSubstr(absl::StrCat("port ", server->port(), " is in use"))));
}

TEST_F(ShardServerTest, ASocketInUseIsNamedAndAStaleOneReplaced) {
  const std::string path = (MakeSocketDir() / "stale").string();
  const std::string listen = absl::StrCat("unix:", path);
  auto server = Serve(listen);
  EXPECT_THAT(ShardServer::Start(local_, listen),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(path)));
  server.reset();
  const FileDescriptor stale(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(stale.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0);
  EXPECT_OK(ShardServer::Start(local_, listen));
}

TEST_F(ShardServerTest, RefusesWhatIsNoAddress) {
  for (const char* listen :
       {"7701", "", "nohost.invalid:1", "unix:/no/dir/s"}) {
    EXPECT_FALSE(ShardServer::Start(local_, listen).ok()) << listen;
  }
}

TEST_F(ShardServerTest, ADirectoryOpensWithoutAServer) {
  const auto reader =
      OpenShardStore((*dir_ / "store").string(), StoreAccess::kRead);
  ASSERT_OK(reader);  // Although this process writes there.
  EXPECT_EQ(StreamText(**reader, TrainOptions()),
            StreamText(*local_, TrainOptions()));
}

TEST_F(ShardServerTest, ASnapshotIsReadWithoutIndexAndRecords) {
  const fs::path copy = MakeTestDir("bare");
  fs::copy(*dir_ / "store" / "snapshots", copy / "snapshots",
           fs::copy_options::recursive);
  const auto reader = OpenShardStore(copy.string(), StoreAccess::kRead);
  ASSERT_OK(reader);
  EXPECT_EQ(StreamText(**reader, TrainOptions()),
            StreamText(*local_, TrainOptions()));
}

TEST_F(ShardServerTest, ADirectoryWithoutAStoreIsNotFound) {
  EXPECT_THAT(
      OpenShardStore("/nowhere/at/all", StoreAccess::kRead),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/at/all")));
}

}  // namespace
}  // namespace verso
