#include "shardstore/record_storage.h"

#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/base/sha256.h"
#include "shardstore/record_query.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Record> RandomRecords(uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) records.push_back(RandomRecord(random));
  return records;
}

std::vector<Record> AllAsStored(const std::vector<Record>& records) {
  std::vector<Record> stored;
  for (const Record& record : records) stored.push_back(AsStored(record));
  return stored;
}

TEST(RecordStorageTest, GivesBackWhatWasAppendedAfterReopening) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const fs::path dir = MakeTestDir("round_trip");
    const std::vector<Record> records = RandomRecords(seed, 60);
    std::mt19937_64 random(seed);
    for (size_t done = 0; done < records.size();) {
      const auto storage =
          OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 100'000});
      for (int calls = 0; calls < 3 && done < records.size(); ++calls) {
        const size_t end = std::min(done + 1 + random() % 9, records.size());
        AppendAll(*storage, {records.begin() + done, records.begin() + end});
        done = end;
      }
    }
    const std::vector<std::string> expected = Texts(AllAsStored(records));
    EXPECT_EQ(Texts(ReadAll(*OpenStorage(dir)).records), expected);
    EXPECT_EQ(Texts(ReadAll(*OpenStorage(dir, StoreAccess::kRead)).records),
              expected);
  }
}

RecordQuery RandomQuery(std::mt19937_64& random) {
  static const char* const kSources[] = {"wga", "artbench", "lexica", "mine"};
  RecordQuery query;
  for (uint64_t n = random() % 3; n > 0; --n) {
    query.add_source(kSources[random() % 4]);
  }
  for (uint64_t n = random() % 3; n > 0; --n) {
    query.add_label(static_cast<Label>(random() % 4));
  }
  if (random() % 4 == 0) query.set_collection("c1");
  if (random() % 4 == 0) query.set_work_key("w3");
  if (random() % 4 == 0) query.set_source_item_id("7");
  if (random() % 4 == 0) query.set_min_width(500);
  if (random() % 4 == 0) query.set_min_height(300);
  return query;
}

TEST(RecordStorageTest, IndexAndScanAnswerEveryQueryAlike) {
  const fs::path dir = MakeTestDir("queries");
  const std::vector<Record> records = RandomRecords(9, 200);
  const auto writer = OpenStorage(dir);
  AppendAll(*writer, records);
  const auto reader = OpenStorage(dir, StoreAccess::kRead);
  std::mt19937_64 random(10);
  size_t selected = 0;
  for (int i = 0; i < 200; ++i) {
    RecordQuery query = RandomQuery(random);
    if (i % 8 == 0) query.add_record_id(IdOf(records[i]));
    std::vector<Record> expected;
    for (const Record& record : AllAsStored(records)) {
      if (!Matches(query, IdOf(record), record.provenance())) continue;
      expected.push_back(record);
      expected.back().clear_image();
    }
    selected += expected.size();
    EXPECT_EQ(Texts(ReadAll(*writer, query).records), Texts(expected));
    EXPECT_EQ(Texts(ReadAll(*reader, query).records), Texts(expected));
  }
  EXPECT_GT(selected, 200u);
}

TEST(RecordStorageTest, StopsAtTheLimitOfAQuery) {
  const fs::path dir = MakeTestDir("limit");
  const auto storage = OpenStorage(dir);
  AppendAll(*storage,
            {RecordOf("wga", 1), RecordOf("wga", 2), RecordOf("wga", 3)});
  RecordQuery query;
  query.set_limit(2);
  EXPECT_EQ(ReadAll(*storage, query).records.size(), 2u);
  EXPECT_EQ(
      ReadAll(*OpenStorage(dir, StoreAccess::kRead), query).records.size(), 2u);
}

TEST(RecordStorageTest, RefusesMalformedQueries) {
  const auto storage = OpenStorage(MakeTestDir("bad_queries"));
  RecordQuery query;
  query.set_limit(-1);
  EXPECT_THAT(storage->Query(query),
              StatusIs(absl::StatusCode::kInvalidArgument));
  query.Clear();
  query.add_record_id("../../etc/passwd");
  EXPECT_THAT(storage->Query(query),
              StatusIs(absl::StatusCode::kInvalidArgument));
  query.Clear();
  query.add_label(static_cast<Label>(9));
  EXPECT_THAT(storage->Query(query),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecordStorageTest, SameBytesAreOneRecordAndSightings) {
  const fs::path dir = MakeTestDir("duplicates");
  auto storage = OpenStorage(dir);
  Record again = RecordOf("wga", 1);
  again.mutable_provenance()->set_source("artbench");
  ASSERT_OK_AND_ASSIGN(
      const std::vector<AppendedRecord> outcomes,
      storage->Append({RecordOf("wga", 1), again, RecordOf("wga", 2)}));
  EXPECT_EQ(outcomes[0].outcome(), APPEND_OUTCOME_STORED);
  EXPECT_EQ(outcomes[1].outcome(), APPEND_OUTCOME_DUPLICATE);
  EXPECT_EQ(outcomes[2].outcome(), APPEND_OUTCOME_STORED);
  storage.reset();
  storage = OpenStorage(dir);
  AppendAll(*storage, {again}, APPEND_OUTCOME_DUPLICATE);
  EXPECT_EQ(ReadAll(*storage).records.size(), 2u);
  std::vector<std::string> seen_at;
  ASSERT_OK(ReadLedger(dir / "ledger", [&](const LedgerEntry& entry) {
    if (entry.has_sighting()) {
      EXPECT_EQ(entry.sighting().record_id(), IdOf(again));
      seen_at.push_back(entry.sighting().source());
    }
  }));
  EXPECT_THAT(seen_at, ElementsAre("artbench", "artbench"));
}

TEST(RecordStorageTest, ARefusedRecordKeepsTheWholeCallOut) {
  const auto storage = OpenStorage(MakeTestDir("refused"));
  std::vector<Record> bad(6, RecordOf("wga", 1));
  bad[0].mutable_provenance()->clear_source();
  bad[1].clear_image();
  bad[2].mutable_provenance()->set_label(static_cast<Label>(42));
  bad[3].mutable_provenance()->set_found_by("\xff\xfe");
  bad[4].mutable_provenance()->mutable_generator()->set_guidance(
      std::numeric_limits<double>::quiet_NaN());
  bad[5].set_image(std::string((32 << 20) + 1, 'x'));
  for (const Record& record : bad) {
    EXPECT_THAT(storage->Append({RecordOf("wga", 7), record}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("record 1 of the call")));
  }
  EXPECT_THAT(ReadAll(*storage).records, IsEmpty());
}

TEST(RecordStorageTest, ASecondWriterIsRefusedAndTheLockNamed) {
  const fs::path dir = MakeTestDir("lock");
  auto first = OpenStorage(dir);
  EXPECT_THAT(RecordStorage::Open(dir, StoreAccess::kWrite),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr((dir / "lock").string())));
  first.reset();
  EXPECT_OK(RecordStorage::Open(dir, StoreAccess::kWrite));
}

TEST(RecordStorageTest, ReadsWhatIsCommittedWhileAnotherWrites) {
  const fs::path dir = MakeTestDir("read_while_writing");
  const auto writer = OpenStorage(dir);
  AppendAll(*writer, {RecordOf("wga", 1)});
  const auto reader = OpenStorage(dir, StoreAccess::kRead);
  AppendAll(*writer, {RecordOf("wga", 2)});
  EXPECT_EQ(ReadAll(*reader).records.size(), 1u);
  EXPECT_EQ(ReadAll(*OpenStorage(dir, StoreAccess::kRead)).records.size(), 2u);
  EXPECT_THAT(reader->Append({RecordOf("wga", 3)}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RecordStorageTest, ReadingAnAbsentStoreSaysWhatToRun) {
  EXPECT_THAT(
      RecordStorage::Open(MakeTestDir("absent") / "store", StoreAccess::kRead),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("//ingest")));
}

TEST(RecordStorageTest, ThreadsThatAppendTogetherAllGetTheirOutcomes) {
  const fs::path dir = MakeTestDir("threads");
  auto storage =
      OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 50'000});
  constexpr int kThreads = 8;
  constexpr int kRecords = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&storage, t] {
      for (int i = 0; i < kRecords; ++i) {
        // Every thread also sends what all others send.
        AppendAll(*storage, {RecordOf("wga", 1000 * (t + 1) + i)});
        EXPECT_OK(storage->Append({RecordOf("shared", i)}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK_AND_ASSIGN(const StoreStats stats, storage->Stats());
  EXPECT_EQ(stats.records, kThreads * kRecords + kRecords);
  EXPECT_EQ(stats.sightings, kThreads * kRecords - kRecords);
  storage.reset();
  EXPECT_EQ(ReadAll(*OpenStorage(dir, StoreAccess::kRead)).records.size(),
            static_cast<size_t>(stats.records));
}

TEST(RecordStorageTest, SealsAShardThatIsLongEnough) {
  const fs::path dir = MakeTestDir("seal");
  const auto storage =
      OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 16'000});
  for (int i = 0; i < 6; ++i) AppendAll(*storage, {RecordOf("wga", i)});
  const LedgerSummary ledger = storage->Ledger();
  ASSERT_EQ(ledger.shards.size(), 2u);
  EXPECT_TRUE(ledger.shards.at(0).sealed);
  EXPECT_FALSE(ledger.shards.at(1).sealed);
  const std::string sealed = Slurp(dir / "shards/shard-000000.tar");
  EXPECT_EQ(static_cast<int64_t>(sealed.size()),
            ledger.shards.at(0).end_offset + 1024);
  EXPECT_EQ(Sha256Hex(sealed), ledger.shards.at(0).sha256);
}

TEST(RecordStorageTest, CountsRecordsBySourceLabelAndStandIn) {
  const auto storage = OpenStorage(MakeTestDir("stats"));
  Record simulated = RecordOf("lexica", 3);
  simulated.mutable_provenance()->set_label(LABEL_GENERATED);
  simulated.mutable_provenance()->set_stand_in("simulated");
  AppendAll(*storage, {RecordOf("wga", 1), RecordOf("wga", 2), simulated});
  ASSERT_OK_AND_ASSIGN(const StoreStats stats, storage->Stats());
  ASSERT_EQ(stats.sources.size(), 2u);
  EXPECT_EQ(stats.sources[0].source, "lexica");
  EXPECT_EQ(stats.sources[0].stand_in, "simulated");
  EXPECT_EQ(stats.sources[1].records, 2);
  EXPECT_EQ(stats.sources[1].image_bytes, 1400);
  EXPECT_EQ(stats.image_bytes, 2100);
}

TEST(RecordStorageTest, KeepsLedgerEntriesOfOthers) {
  const fs::path dir = MakeTestDir("entries");
  LedgerEntry entry;
  entry.mutable_snapshot_created()->set_snapshot_id("0123456789abcdef");
  EXPECT_OK(OpenStorage(dir)->AddLedgerEntry(entry));
  std::vector<std::string> ids;
  ASSERT_OK(ReadLedger(dir / "ledger", [&](const LedgerEntry& read) {
    EXPECT_GT(read.time_unix_micros(), 0);
    ids.push_back(read.snapshot_created().snapshot_id());
  }));
  EXPECT_THAT(ids, ElementsAre("0123456789abcdef"));
}

}  // namespace
}  // namespace verso::testing
