// Quarantined: stored, never served.
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shardstore/fsck.h"
#include "shardstore/judgement.h"
#include "shardstore/ledger.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Record Doubtful(int item, absl::string_view reason = "the file holds a seed") {
  Record record = RecordOf("wga", item);
  record.mutable_provenance()->set_quarantine(std::string(reason));
  return record;
}

Record GeneratedCopy(const Record& record) {
  Record copy = record;
  copy.mutable_provenance()->set_source("lexica");
  copy.mutable_provenance()->set_label(LABEL_GENERATED);
  return copy;
}

Judgement Judged(const Record& record, JudgementAction action,
                 absl::string_view reason = "") {
  Judgement judgement = QuarantineOf(IdOf(record), reason, "test");
  judgement.set_action(action);
  return judgement;
}

Judgement Labelled(const Record& record, Label label) {
  Judgement judgement = Judged(record, JUDGEMENT_ACTION_LABEL, "a cluster");
  judgement.set_label(label);
  judgement.set_evidence(LABEL_EVIDENCE_INFERRED);
  return judgement;
}

RecordQuery Everything() {
  RecordQuery query;
  query.set_include_bytes(true);
  query.set_include_quarantined(true);
  return query;
}

// "<item> <label> <evidence> [<reason>]" of each record.
std::vector<std::string> StatesOf(RecordStorage& storage,
                                  const RecordQuery& query) {
  std::vector<std::string> states;
  for (const Record& record : ReadAll(storage, query).records) {
    const Provenance& from = record.provenance();
    states.push_back(absl::StrCat(from.source_item_id(), " ", from.label(), " ",
                                  from.label_evidence(), " [",
                                  from.quarantine(), "]"));
  }
  return states;
}

std::vector<std::string> Served(RecordStorage& storage) {
  std::vector<std::string> items;
  for (const Record& record : ReadAll(storage).records) {
    items.push_back(record.provenance().source_item_id());
  }
  return items;
}

std::vector<Judgement> JudgementsIn(const fs::path& store) {
  std::vector<Judgement> judgements;
  EXPECT_OK(ReadLedger(store / "ledger", [&](const LedgerEntry& entry) {
    if (entry.has_judgement()) judgements.push_back(entry.judgement());
  }));
  return judgements;
}

// What a store says, however it is opened.
void ExpectStates(const fs::path& dir, const std::vector<std::string>& states) {
  EXPECT_EQ(StatesOf(*OpenStorage(dir, StoreAccess::kRead), Everything()),
            states)
      << "read by scan";
  EXPECT_EQ(StatesOf(*OpenStorage(dir), Everything()), states) << "by index";
  EXPECT_EQ(
      StatesOf(*OpenStorage(dir, StoreAccess::kWrite, {.rebuild_index = true}),
               Everything()),
      states)
      << "rebuilt";
  ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir, {}));
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST(QuarantineTest, AQuarantinedRecordIsStoredAndNotServed) {
  const fs::path dir = MakeTestDir("stored");
  auto storage = OpenStorage(dir);
  ASSERT_OK_AND_ASSIGN(const auto outcomes,
                       storage->Append({RecordOf("wga", 1), Doubtful(2)}));
  EXPECT_EQ(outcomes[0].outcome(), APPEND_OUTCOME_STORED);
  EXPECT_EQ(outcomes[1].outcome(), APPEND_OUTCOME_QUARANTINED);
  EXPECT_EQ(outcomes[1].reason(), "the file holds a seed");
  EXPECT_THAT(Served(*storage), ElementsAre("1"));
  RecordQuery by_id;
  by_id.add_record_id(IdOf(Doubtful(2)));
  EXPECT_THAT(ReadAll(*storage, by_id).records, IsEmpty());
  by_id.set_include_quarantined(true);
  EXPECT_THAT(ReadAll(*storage, by_id).records, SizeIs(1));
  storage.reset();
  EXPECT_THAT(Served(*OpenStorage(dir, StoreAccess::kRead)), ElementsAre("1"));
  ExpectStates(dir, {"1 1 0 []", "2 1 0 [the file holds a seed]"});
}

TEST(QuarantineTest, TheLedgerTellsOfEachQuarantine) {
  const fs::path dir = MakeTestDir("told");
  AppendAll(*OpenStorage(dir), {Doubtful(2)}, APPEND_OUTCOME_QUARANTINED);
  const std::vector<Judgement> judgements = JudgementsIn(dir);
  ASSERT_THAT(judgements, SizeIs(1));
  EXPECT_EQ(judgements[0].record_id(), IdOf(Doubtful(2)));
  EXPECT_EQ(judgements[0].action(), JUDGEMENT_ACTION_QUARANTINE);
  EXPECT_EQ(judgements[0].reason(), "the file holds a seed");
  EXPECT_EQ(judgements[0].who(), "append");
}

// A crash may keep any part of a commit. Whatever is left of the ledger, what
// recovery serves is never a record that was stored under quarantine.
TEST(QuarantineTest, WhateverIsLeftOfTheLedgerNothingQuarantinedIsServed) {
  const fs::path dir = MakeTestDir("torn");
  AppendAll(*OpenStorage(dir), {RecordOf("wga", 1)});
  const size_t before = Slurp(dir / "ledger").size();
  AppendAll(*OpenStorage(dir), {Doubtful(2), Doubtful(3)},
            APPEND_OUTCOME_QUARANTINED);
  const std::string ledger = Slurp(dir / "ledger");
  ASSERT_GT(ledger.size(), before + 100);
  const fs::path copy = MakeTestDir("torn_copy") / "store";
  int adopted = 0;
  for (size_t size = before; size <= ledger.size(); size += 7) {
    fs::remove_all(copy);
    fs::copy(dir, copy, fs::copy_options::recursive);
    fs::remove_all(copy / "index");
    Spill(copy / "ledger", ledger.substr(0, size));
    const auto storage = OpenStorage(copy);
    EXPECT_THAT(Served(*storage), ElementsAre("1")) << size;
    adopted += ReadAll(*storage, Everything()).records.size() == 3;
  }
  EXPECT_GT(adopted, 5);
  fs::remove(copy / "ledger");
  EXPECT_THAT(Served(*OpenStorage(copy)), ElementsAre("1"));
}

TEST(QuarantineTest, TheSameBytesWithAContradictingLabelQuarantineTheRecord) {
  const fs::path dir = MakeTestDir("sighting");
  auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 1), GeneratedCopy(RecordOf("wga", 2)),
                       RecordOf("wga", 3)});
  const std::vector<Record> seen = {GeneratedCopy(RecordOf("wga", 1)),
                                    RecordOf("wga", 2)};
  AppendAll(*storage, seen, APPEND_OUTCOME_QUARANTINED);
  AppendAll(*storage, seen, APPEND_OUTCOME_DUPLICATE);  // Nothing new.
  EXPECT_THAT(Served(*storage), ElementsAre("3"));
  EXPECT_THAT(JudgementsIn(dir), SizeIs(2));
  ASSERT_OK_AND_ASSIGN(const StoreStats stats, storage->Stats());
  EXPECT_EQ(stats.sightings, 4);
  storage.reset();
  ExpectStates(
      dir, {"1 1 0 [the same bytes are human in wga and generated in lexica]",
            "2 2 0 [the same bytes are generated in lexica and human in wga]",
            "3 1 0 []"});
}

TEST(QuarantineTest, AContradictionInsideOneCallIsSeenToo) {
  const fs::path dir = MakeTestDir("one_call");
  auto storage = OpenStorage(dir);
  const Record record = RecordOf("wga", 1);
  ASSERT_OK_AND_ASSIGN(
      const auto outcomes,
      storage->Append({record, GeneratedCopy(record), GeneratedCopy(record)}));
  EXPECT_EQ(outcomes[0].outcome(), APPEND_OUTCOME_STORED);
  EXPECT_EQ(outcomes[1].outcome(), APPEND_OUTCOME_QUARANTINED);
  EXPECT_EQ(outcomes[2].outcome(), APPEND_OUTCOME_DUPLICATE);
  EXPECT_THAT(Served(*storage), IsEmpty());
  storage.reset();
  ExpectStates(
      dir, {"1 1 0 [the same bytes are human in wga and generated in lexica]"});
}

TEST(QuarantineTest, ALabelThatWasSetHoldsAgainstTheSourceItCorrects) {
  const auto storage = OpenStorage(MakeTestDir("corrected"));
  Record record = RecordOf("wga", 1);
  AppendAll(*storage, {record});
  ASSERT_OK(storage->Judge({Labelled(record, LABEL_GENERATED)}));
  AppendAll(*storage, {record}, APPEND_OUTCOME_DUPLICATE);
  EXPECT_THAT(Served(*storage), ElementsAre("1"));
  record.mutable_provenance()->set_source("artbench");
  AppendAll(*storage, {record}, APPEND_OUTCOME_QUARANTINED);
  EXPECT_THAT(Served(*storage), IsEmpty());
}

// What a power cut leaves is a beginning of what was written.
TEST(QuarantineTest, ACommitWritesJudgementsBeforeWhatTheyFollowFrom) {
  const fs::path dir = MakeTestDir("order");
  const auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 1)});
  ASSERT_OK(storage->Append(
      {GeneratedCopy(RecordOf("wga", 1)), RecordOf("wga", 2), Doubtful(3)}));
  std::vector<int> kinds;
  ASSERT_OK(ReadLedger(dir / "ledger", [&](const LedgerEntry& entry) {
    kinds.push_back(entry.entry_case());
  }));
  EXPECT_THAT(kinds,
              ElementsAre(LedgerEntry::kWatermark, LedgerEntry::kJudgement,
                          LedgerEntry::kJudgement, LedgerEntry::kSighting,
                          LedgerEntry::kWatermark));
}

TEST(QuarantineTest, ASightingThatComesWithAReasonQuarantines) {
  const auto storage = OpenStorage(MakeTestDir("sighting_reason"));
  AppendAll(*storage, {RecordOf("wga", 1)});
  AppendAll(*storage, {Doubtful(1)}, APPEND_OUTCOME_QUARANTINED);
  EXPECT_THAT(Served(*storage), IsEmpty());
}

TEST(QuarantineTest, JudgementsHoldHoweverTheStoreIsOpened) {
  const fs::path dir = MakeTestDir("judge");
  auto storage = OpenStorage(dir);
  AppendAll(*storage,
            {RecordOf("wga", 1), RecordOf("wga", 2), RecordOf("wga", 3)});
  AppendAll(*storage, {Doubtful(4)}, APPEND_OUTCOME_QUARANTINED);
  ASSERT_OK(storage->Judge({
      Judged(RecordOf("wga", 1), JUDGEMENT_ACTION_QUARANTINE, "a photograph"),
      Labelled(RecordOf("wga", 2), LABEL_GENERATED),
      Labelled(RecordOf("wga", 3), LABEL_MIXED),
      Labelled(RecordOf("wga", 3), LABEL_UNKNOWN),
      Judged(Doubtful(4), JUDGEMENT_ACTION_RELEASE, "it is fine"),
  }));
  EXPECT_THAT(Served(*storage), ElementsAre("2", "3", "4"));
  RecordQuery generated;
  generated.add_label(LABEL_GENERATED);
  EXPECT_THAT(StatesOf(*storage, generated), ElementsAre("2 2 6 []"));
  RecordQuery human;
  human.add_label(LABEL_HUMAN);
  EXPECT_THAT(StatesOf(*storage, human), ElementsAre("4 1 0 []"));
  storage.reset();
  ExpectStates(dir,
               {"1 1 0 [a photograph]", "2 2 6 []", "3 0 6 []", "4 1 0 []"});
}

TEST(QuarantineTest, AReleaseHoldsAgainstSightingsUntilAnotherJudgement) {
  const fs::path dir = MakeTestDir("release");
  auto storage = OpenStorage(dir);
  AppendAll(*storage, {Doubtful(1)}, APPEND_OUTCOME_QUARANTINED);
  ASSERT_OK(storage->Judge({Judged(Doubtful(1), JUDGEMENT_ACTION_RELEASE)}));
  AppendAll(*storage, {Doubtful(1), GeneratedCopy(RecordOf("wga", 1))},
            APPEND_OUTCOME_DUPLICATE);
  EXPECT_THAT(Served(*storage), ElementsAre("1"));
  ASSERT_OK(storage->Judge(
      {Judged(Doubtful(1), JUDGEMENT_ACTION_QUARANTINE, "after all")}));
  EXPECT_THAT(Served(*storage), IsEmpty());
  storage.reset();
  ExpectStates(dir, {"1 1 0 [after all]"});
}

// A record whose bytes are damaged is stored anew when they come again.
TEST(QuarantineTest, AJudgementOutlivesTheLossOfItsRecord) {
  const fs::path dir = MakeTestDir("lost");
  auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 1), RecordOf("wga", 2)});
  ASSERT_OK(storage->Judge(
      {Judged(RecordOf("wga", 1), JUDGEMENT_ACTION_QUARANTINE, "a print")}));
  storage.reset();
  std::string shard = Slurp(dir / "shards/shard-000000.tar");
  shard[3000] ^= 1;
  Spill(dir / "shards/shard-000000.tar", shard);
  storage = OpenStorage(dir, StoreAccess::kWrite, {.rebuild_index = true});
  EXPECT_THAT(StatesOf(*storage, Everything()), ElementsAre("2 1 0 []"));
  AppendAll(*storage, {RecordOf("wga", 1)}, APPEND_OUTCOME_QUARANTINED);
  EXPECT_THAT(Served(*storage), ElementsAre("2"));
}

TEST(QuarantineTest, ALargeBulkOfJudgementsIsTakenInWhole) {
  const fs::path dir = MakeTestDir("bulk");
  auto storage = OpenStorage(dir);
  std::vector<Record> records;
  std::vector<Judgement> judgements;
  for (int item = 0; item < 2500; ++item) {
    records.push_back(RecordOf("wga", item));
    judgements.push_back(Labelled(records.back(), LABEL_GENERATED));
  }
  AppendAll(*storage, records);
  ASSERT_OK(storage->Judge(judgements));
  RecordQuery generated;
  generated.add_label(LABEL_GENERATED);
  EXPECT_THAT(ReadAll(*storage, generated).records, SizeIs(2500));
  storage.reset();
  ASSERT_OK_AND_ASSIGN(const FsckReport report, CheckStore(dir, {}));
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST(QuarantineTest, AMalformedJudgementKeepsTheWholeCallOut) {
  const fs::path dir = MakeTestDir("malformed");
  const auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 1)});
  const Judgement good =
      Judged(RecordOf("wga", 1), JUDGEMENT_ACTION_QUARANTINE, "x");
  std::vector<Judgement> bad(7, good);
  bad[0].set_record_id("../../etc/passwd");
  bad[1].clear_reason();
  bad[2].set_reason(std::string(1025, 'x'));
  bad[3].set_action(static_cast<JudgementAction>(9));
  bad[4].set_action(JUDGEMENT_ACTION_LABEL);
  bad[4].set_label(static_cast<Label>(9));
  bad[5].set_who("\xff");
  bad[6].set_who(std::string(257, 'x'));
  for (const Judgement& judgement : bad) {
    EXPECT_THAT(storage->Judge({good, judgement}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(
      storage->Judge(
          {good, Judged(RecordOf("wga", 2), JUDGEMENT_ACTION_RELEASE)}),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("has no record")));
  EXPECT_THAT(JudgementsIn(dir), IsEmpty());
  EXPECT_THAT(Served(*storage), ElementsAre("1"));
  EXPECT_THAT(OpenStorage(dir, StoreAccess::kRead)->Judge({good}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(QuarantineTest, ATooLongReasonIsRefused) {
  const auto storage = OpenStorage(MakeTestDir("long_reason"));
  EXPECT_THAT(storage->Append({Doubtful(1, std::string(1025, 'x'))}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Random appends, sightings and judgements: index, scan and rebuilt index tell
// the same of every record.
TEST(QuarantineTest, ARebuiltIndexIsTheIndexThatGrewWithTheStore) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    const fs::path dir = MakeTestDir(absl::StrCat("rebuilt", seed));
    std::mt19937_64 random(seed);
    std::vector<Record> sent;
    std::vector<std::string> grown;
    for (int round = 0; round < 6; ++round) {
      const auto storage =
          OpenStorage(dir, StoreAccess::kWrite, {.max_shard_bytes = 20'000});
      for (int step = 0; step < 12; ++step) {
        const int item = static_cast<int>(random() % 40);
        Record record =
            random() % 4 == 0 ? Doubtful(item, "doubt") : RecordOf("wga", item);
        if (random() % 4 == 0) record = GeneratedCopy(record);
        EXPECT_OK(storage->Append({record}));
        sent.push_back(record);
        const Record& any = sent[random() % sent.size()];
        const auto action = static_cast<JudgementAction>(1 + random() % 3);
        Judgement judgement = Judged(any, action, absl::StrCat("r", step));
        judgement.set_label(static_cast<Label>(random() % 4));
        if (random() % 2 == 0) {
          EXPECT_OK(storage->Judge({judgement}));
        }
      }
      grown = StatesOf(*storage, Everything());
    }
    ExpectStates(dir, grown);
  }
}

// Notes a judgement behind the index's back, then lets the index say that it
// has read the ledger.
TEST(QuarantineTest, FsckNamesAnIndexThatForgotAJudgement) {
  const fs::path dir = MakeTestDir("forgot");
  auto storage = OpenStorage(dir);
  AppendAll(*storage, {RecordOf("wga", 1)});
  LedgerEntry entry;
  *entry.mutable_judgement() =
      Judged(RecordOf("wga", 1), JUDGEMENT_ACTION_QUARANTINE, "x");
  ASSERT_OK(storage->AddLedgerEntry(entry));
  AppendAll(*storage, {RecordOf("wga", 2)});
  storage.reset();
  ASSERT_OK_AND_ASSIGN(const FsckReport found, CheckStore(dir, {}));
  EXPECT_THAT(found.problems, ElementsAre(HasSubstr("--rebuild_index")));
  ASSERT_OK_AND_ASSIGN(const FsckReport mended,
                       CheckStore(dir, {.rebuild_index = true}));
  EXPECT_THAT(mended.problems, IsEmpty());
  EXPECT_EQ(mended.quarantined, 1);
}

TEST(QuarantineTest, StatsCountQuarantinedRecordsApart) {
  const auto storage = OpenStorage(MakeTestDir("stats"));
  EXPECT_OK(storage->Append({RecordOf("wga", 1), Doubtful(2), Doubtful(3)}));
  ASSERT_OK_AND_ASSIGN(const StoreStats stats, storage->Stats());
  EXPECT_EQ(stats.records, 1);
  EXPECT_EQ(stats.quarantined, 2);
  ASSERT_THAT(stats.sources, SizeIs(1));
  EXPECT_EQ(stats.sources[0].quarantined, 2);
  EXPECT_EQ(stats.image_bytes, 700);
}

}  // namespace
}  // namespace verso::testing
