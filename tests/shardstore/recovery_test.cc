// What a store does about damage of its files.
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shardstore/fsck.h"
#include "shardstore/log_recovery.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

// No power is cut here, so nothing needs to wait for a disk.
extern "C" int fsync(int /*fd*/) { return 0; }
extern "C" int fdatasync(int /*fd*/) { return 0; }

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFirstShard[] = "shards/shard-000000.tar";

std::vector<Record> SomeRecords(int count) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) records.push_back(RecordOf("wga", i));
  return records;
}

std::vector<std::string> StoredTexts(const std::vector<Record>& records) {
  std::vector<Record> stored;
  for (const Record& record : records) stored.push_back(AsStored(record));
  return Texts(stored);
}

// A store to which each record was appended in a call of its own; closed.
void MakeStore(const fs::path& dir, const std::vector<Record>& records) {
  const auto storage = OpenStorage(dir);
  for (const Record& record : records) AppendAll(*storage, {record});
}

std::vector<std::string> ReadTexts(const fs::path& dir, StoreAccess access) {
  return Texts(ReadAll(*OpenStorage(dir, access)).records);
}

// An independent copy of a store.
fs::path CopyOf(const fs::path& dir) {
  const fs::path copy = dir.string() + "_copy";
  fs::remove_all(copy);
  fs::copy(dir, copy, fs::copy_options::recursive);
  return copy;
}

TEST(RecoveryTest, ATailTornAtAnyByteIsCutAndNothingElse) {
  const fs::path dir = MakeTestDir("torn");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  // A fourth sample that was written and never committed.
  const std::string committed = Slurp(dir / kFirstShard);
  const std::string ledger = Slurp(dir / "ledger");
  MakeStore(dir, {RecordOf("wga", 99)});
  const std::string whole = Slurp(dir / kFirstShard);
  Spill(dir / "ledger", ledger);
  fs::remove_all(dir / "index");
  MakeStore(dir, {});  // Cuts it and indexes the three.
  EXPECT_EQ(Slurp(dir / kFirstShard), committed);
  for (size_t size = committed.size() + 1; size <= whole.size(); ++size) {
    Spill(dir / kFirstShard, whole.substr(0, size));
    ASSERT_OK_AND_ASSIGN(const RecoveredLog log, RecoverLog(dir));
    ASSERT_EQ(log.summary.records(), 3);
    ASSERT_EQ(fs::file_size(dir / kFirstShard), committed.size());
    if (size % 512 != 0) continue;
    EXPECT_THAT(ReadTexts(dir, StoreAccess::kWrite),
                ElementsAreArray(StoredTexts(records)));
  }
}

TEST(RecoveryTest, AppendsGoOnBehindACutTail) {
  const fs::path dir = MakeTestDir("go_on");
  std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  Spill(dir / kFirstShard, Slurp(dir / kFirstShard) + "torn bytes");
  records.push_back(RecordOf("wga", 50));
  MakeStore(dir, {records.back()});
  EXPECT_THAT(ReadTexts(dir, StoreAccess::kRead),
              ElementsAreArray(StoredTexts(records)));
}

TEST(RecoveryTest, EveryFlippedByteOfAShardIsFoundAndTheOthersServed) {
  const fs::path dir = MakeTestDir("flips");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  const std::vector<std::string> texts = StoredTexts(records);
  const std::string whole = Slurp(dir / kFirstShard);
  const size_t sample_bytes = whole.size() / 3;
  const auto writer = OpenStorage(dir);
  const auto reader = OpenStorage(dir, StoreAccess::kRead);
  for (size_t at = 0; at < whole.size(); at += 3) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    Spill(dir / kFirstShard, damaged);
    std::vector<std::string> others = texts;
    others.erase(others.begin() + static_cast<int>(at / sample_bytes));
    const std::string name =
        absl::StrCat("seq=", at / sample_bytes, " of shard-000000.tar");
    for (RecordStorage* storage : {writer.get(), reader.get()}) {
      const ReadResult result = ReadAll(*storage);
      ASSERT_EQ(Texts(result.records), others) << "byte " << at;
      ASSERT_THAT(result.errors, ::testing::ElementsAre(HasSubstr(name)));
    }
  }
}

TEST(RecoveryTest, ADeletedIndexIsBuiltAnewWithTheSameAnswers) {
  const fs::path dir = MakeTestDir("index_gone");
  std::mt19937_64 random(5);
  std::vector<Record> records;
  for (int i = 0; i < 600; ++i) records.push_back(RandomRecord(random, 500));
  AppendAll(*OpenStorage(dir, StoreAccess::kWrite), records);
  std::vector<RecordQuery> queries(4);
  queries[1].add_source("lexica");
  queries[2].set_work_key("w3");
  queries[3].add_source("wga");
  queries[3].set_source_item_id("7");
  std::vector<std::vector<std::string>> before;
  {
    const auto storage = OpenStorage(dir);
    for (const RecordQuery& query : queries) {
      before.push_back(Texts(ReadAll(*storage, query).records));
    }
  }
  fs::remove_all(dir / "index");
  const auto storage = OpenStorage(dir);
  for (size_t i = 0; i < queries.size(); ++i) {
    EXPECT_EQ(Texts(ReadAll(*storage, queries[i]).records), before[i]);
    EXPECT_FALSE(before[i].empty());
  }
  AppendAll(*storage, {records[17]}, APPEND_OUTCOME_DUPLICATE);
}

TEST(RecoveryTest, AnIndexThatFellBehindIsRolledForward) {
  const fs::path dir = MakeTestDir("index_behind");
  std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  const fs::path old = CopyOf(dir);
  records.push_back(RecordOf("wga", 60));
  MakeStore(dir, {records.back()});
  fs::remove_all(dir / "index");
  fs::copy(old / "index", dir / "index", fs::copy_options::recursive);
  EXPECT_THAT(ReadTexts(dir, StoreAccess::kWrite),
              ElementsAreArray(StoredTexts(records)));
}

TEST(RecoveryTest, AnIndexOfAnotherStoreIsThrownAway) {
  const fs::path dir = MakeTestDir("index_ahead");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  const fs::path old = CopyOf(dir);
  MakeStore(dir, {RecordOf("wga", 70)});
  fs::remove_all(old / "index");
  fs::copy(dir / "index", old / "index", fs::copy_options::recursive);
  EXPECT_THAT(ReadTexts(old, StoreAccess::kWrite),
              ElementsAreArray(StoredTexts(records)));
}

TEST(RecoveryTest, ADamagedIndexIsRebuiltWhateverFileIsHit) {
  const fs::path dir = MakeTestDir("index_damaged");
  const std::vector<Record> records = SomeRecords(5);
  MakeStore(dir, records);
  std::mt19937_64 random(6);
  for (int i = 0; i < 40; ++i) {
    const fs::path copy = CopyOf(dir);
    for (const auto& file : fs::directory_iterator(copy / "index")) {
      std::string bytes = Slurp(file.path());
      if (bytes.empty() || random() % 3 == 0) continue;
      bytes[random() % bytes.size()] ^= 0x40;
      if (random() % 2 == 0) bytes.resize(random() % bytes.size());
      Spill(file.path(), bytes);
    }
    EXPECT_THAT(ReadTexts(copy, StoreAccess::kWrite),
                ElementsAreArray(StoredTexts(records)));
  }
}

TEST(RecoveryTest, ALedgerTornAtAnyByteLosesNoRecordBeforeItsLast) {
  const fs::path dir = MakeTestDir("ledger_torn");
  const std::vector<Record> records = SomeRecords(4);
  MakeStore(dir, {records[0], records[1], records[2]});
  const size_t before_last = fs::file_size(dir / "ledger");
  MakeStore(dir, {records[3]});
  const std::string ledger = Slurp(dir / "ledger");
  for (size_t size = before_last; size <= ledger.size(); ++size) {
    const fs::path copy = CopyOf(dir);
    fs::resize_file(copy / "ledger", size);
    // Cut between entries, the last one was never written; cut inside of it,
    // it may have been, and its samples are whole.
    const size_t expected = size == before_last ? 3 : 4;
    std::vector<std::string> texts = StoredTexts(records);
    texts.resize(expected);
    ASSERT_EQ(ReadTexts(copy, StoreAccess::kWrite), texts) << size;
    ASSERT_EQ(ReadTexts(copy, StoreAccess::kRead), texts) << size;
  }
}

TEST(RecoveryTest, ATornLedgerIsMendedOnceAndCleanFromThenOn) {
  const fs::path dir = MakeTestDir("ledger_mended");
  MakeStore(dir, SomeRecords(3));
  const auto size = fs::file_size(dir / "ledger");
  for (int cut = 1; cut <= 20; ++cut) {
    const fs::path copy = CopyOf(dir);
    fs::resize_file(copy / "ledger", size - cut);
    ASSERT_OK_AND_ASSIGN(const FsckReport first, CheckStore(copy, {}));
    EXPECT_THAT(first.mended, Contains(HasSubstr("cut short")));
    EXPECT_THAT(first.problems, IsEmpty());
    EXPECT_EQ(first.records, 3);
    ASSERT_OK_AND_ASSIGN(const FsckReport second, CheckStore(copy, {}));
    EXPECT_THAT(second.mended, IsEmpty());
    EXPECT_THAT(second.problems, IsEmpty());
    EXPECT_EQ(second.records, 3);
  }
}

TEST(RecoveryTest, DamageInsideTheLedgerStaysAProblem) {
  const fs::path dir = MakeTestDir("ledger_damage");
  MakeStore(dir, SomeRecords(3));
  std::string ledger = Slurp(dir / "ledger");
  ledger[ledger.size() / 2] ^= 0x01;
  Spill(dir / "ledger", ledger);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir, {}));
    EXPECT_THAT(report.problems, Contains(HasSubstr("between its entries")));
    EXPECT_EQ(report.records, 3);
  }
}

TEST(RecoveryTest, AnEmptyLedgerIsALostOne) {
  const fs::path dir = MakeTestDir("ledger_empty");
  const std::vector<Record> records = SomeRecords(4);
  MakeStore(dir, records);
  Spill(dir / "ledger", "");
  EXPECT_THAT(RecordStorage::Open(dir, StoreAccess::kRead),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("fsck")));
  MakeStore(dir, {RecordOf("wga", 77)});
  EXPECT_EQ(ReadTexts(dir, StoreAccess::kRead).size(), 5u);
}

TEST(RecoveryTest, AShardThatTheLedgerDoesNotKnowIsTakenIn) {
  const fs::path dir = MakeTestDir("shard_unknown");
  const std::vector<Record> records = SomeRecords(3);
  std::string ledger;
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 1});
    for (const Record& record : records) {
      ledger = Slurp(dir / "ledger");  // Of before the last one.
      AppendAll(*storage, {record});
    }
  }
  Spill(dir / "ledger", ledger);
  EXPECT_THAT(ReadTexts(dir, StoreAccess::kWrite),
              ElementsAreArray(StoredTexts(records)));
}

TEST(RecoveryTest, AFileOfAnotherOriginIsNamedAndNeverWrittenOver) {
  const fs::path dir = MakeTestDir("stranger");
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 1});
    AppendAll(*storage, {RecordOf("wga", 0)});
  }
  const fs::path stranger = dir / "shards/shard-000001.tar";
  const std::string copy = Slurp(dir / kFirstShard);
  for (const std::string& bytes : {copy, std::string(3000, 'x')}) {
    Spill(stranger, bytes);
    ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir, {}));
    EXPECT_THAT(report.problems, Contains(HasSubstr(stranger.string())));
    MakeStore(dir, {RecordOf("wga", static_cast<int>(bytes.size()))});
    EXPECT_EQ(Slurp(stranger), bytes);
  }
  EXPECT_EQ(ReadTexts(dir, StoreAccess::kWrite).size(), 3u);
}

TEST(RecoveryTest, ARecordWhoseShardIsDamagedIsNoDuplicate) {
  const fs::path dir = MakeTestDir("lost_again");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  fs::resize_file(dir / kFirstShard, fs::file_size(dir / kFirstShard) - 100);
  const auto storage = OpenStorage(dir);
  AppendAll(*storage, {records[0]}, APPEND_OUTCOME_DUPLICATE);
  AppendAll(*storage, {records[2]}, APPEND_OUTCOME_STORED);
  RecordQuery query;
  query.add_record_id(IdOf(records[2]));
  EXPECT_EQ(ReadAll(*storage, query).records.size(), 1u);
}

TEST(RecoveryTest, AFolderOfOtherFilesIsNoStore) {
  const fs::path dir = MakeTestDir("garbage");
  Spill(dir / "ledger", std::string(5000, 'x'));
  EXPECT_THAT(
      RecordStorage::Open(dir, StoreAccess::kRead),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("there is no store")));
  EXPECT_THAT(RecordStorage::Open(dir, StoreAccess::kWrite),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("there is no store")));
  EXPECT_THAT(CheckStore(dir, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Slurp(dir / "ledger"), std::string(5000, 'x'));
}

TEST(RecoveryTest, AFlippedBitInTheLastWatermarkLosesNothing) {
  const fs::path dir = MakeTestDir("ledger_flip");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  const std::string ledger = Slurp(dir / "ledger");
  for (size_t at = ledger.size() - 30; at < ledger.size(); ++at) {
    const fs::path copy = CopyOf(dir);
    std::string damaged = ledger;
    damaged[at] ^= 0x01;
    Spill(copy / "ledger", damaged);
    ASSERT_THAT(ReadTexts(copy, StoreAccess::kWrite),
                ElementsAreArray(StoredTexts(records)));
  }
}

TEST(RecoveryTest, ALostLedgerIsMadeAnewFromTheShards) {
  const fs::path dir = MakeTestDir("ledger_gone");
  const std::vector<Record> records = SomeRecords(6);
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 9000});
    for (const Record& record : records) AppendAll(*storage, {record});
  }
  fs::remove(dir / "ledger");
  EXPECT_THAT(RecordStorage::Open(dir, StoreAccess::kRead),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("fsck")));
  EXPECT_THAT(ReadTexts(dir, StoreAccess::kWrite),
              ElementsAreArray(StoredTexts(records)));
}

TEST(RecoveryTest, AShardThatLostItsEndCostsOnlyWhatItLost) {
  const fs::path dir = MakeTestDir("shard_short");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  const auto size = fs::file_size(dir / kFirstShard);
  fs::resize_file(dir / kFirstShard, size - 100);
  const auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 80)});
  EXPECT_EQ(fs::file_size(dir / kFirstShard), size - 100);
  const ReadResult result = ReadAll(*storage);
  EXPECT_EQ(result.records.size(), 3u);
  EXPECT_THAT(result.errors, Contains(HasSubstr("seq=2 of shard-000000.tar")));
}

TEST(RecoveryTest, AMissingShardIsNamedAndTheOthersServed) {
  const fs::path dir = MakeTestDir("shard_gone");
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 1});
    for (const Record& record : SomeRecords(3)) AppendAll(*storage, {record});
  }
  fs::remove(dir / "shards/shard-000001.tar");
  for (const StoreAccess access : {StoreAccess::kRead, StoreAccess::kWrite}) {
    const ReadResult result = ReadAll(*OpenStorage(dir, access));
    EXPECT_EQ(result.records.size(), 2u);
    EXPECT_THAT(result.errors, Contains(HasSubstr("shard-000001.tar")));
  }
}

TEST(FsckTest, AGoodStoreHasNoProblems) {
  const fs::path dir = MakeTestDir("fsck_good");
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 9000});
    for (const Record& record : SomeRecords(7)) AppendAll(*storage, {record});
  }
  for (const bool rebuild : {false, true}) {
    ASSERT_OK_AND_ASSIGN(const FsckReport report,
                         CheckStore(dir, {.rebuild_index = rebuild}));
    EXPECT_THAT(report.problems, IsEmpty());
    EXPECT_EQ(report.records, 7);
  }
}

TEST(FsckTest, NamesDamageAndLeavesItOutOfARebuiltIndex) {
  const fs::path dir = MakeTestDir("fsck_damage");
  const std::vector<Record> records = SomeRecords(3);
  MakeStore(dir, records);
  std::string bytes = Slurp(dir / kFirstShard);
  bytes[bytes.size() / 2] ^= 0x04;
  Spill(dir / kFirstShard, bytes);
  ASSERT_OK_AND_ASSIGN(const FsckReport report,
                       CheckStore(dir, {.rebuild_index = true}));
  EXPECT_THAT(report.problems, Contains(HasSubstr("seq=1")));
  EXPECT_EQ(report.records, 2);
  const auto storage = OpenStorage(dir);
  AppendAll(*storage, {records[1]});  // The damaged record can be stored again.
  RecordQuery query;
  query.add_record_id(IdOf(records[1]));
  EXPECT_EQ(ReadAll(*storage, query).records.size(), 1u);
}

TEST(FsckTest, ASealedShardThatWasReplacedIsNamed) {
  const fs::path dir = MakeTestDir("fsck_sealed");
  {
    const auto storage =
        OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 1});
    for (const Record& record : SomeRecords(2)) AppendAll(*storage, {record});
  }
  Spill(dir / kFirstShard, Slurp(dir / kFirstShard) + std::string(512, '\0'));
  ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir, {}));
  EXPECT_THAT(report.problems, Contains(HasSubstr("not the file that was")));
}

TEST(FsckTest, AnAbsentStoreIsNotMade) {
  const fs::path dir = MakeTestDir("fsck_absent");
  EXPECT_THAT(CheckStore(dir / "store", {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(fs::exists(dir / "store"));
}

}  // namespace
}  // namespace verso::testing
