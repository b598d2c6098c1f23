// The binary //shardstore as its user meets it.
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/recipe.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/dataset_testing.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProcessResult RunStore(std::vector<std::string> args) {
  args.insert(args.begin(), "shardstore/shardstore");
  absl::StatusOr<ProcessResult> result = RunProcess(args);
  EXPECT_OK(result);
  return result.value_or(ProcessResult());
}

std::string StoreFlag(const fs::path& dir) {
  return absl::StrCat("--store=", dir.string());
}

fs::path MakeStore() {
  const fs::path dir = MakeTestDir("store");
  const auto storage = OpenStorage(dir);
  Record titled = RecordOf("wga", 2);
  titled.mutable_provenance()->mutable_work()->set_title("Eve\x1b[2J");
  AppendAll(*storage, {RecordOf("wga", 1), titled, RecordOf("lexica", 3)});
  return dir;
}

TEST(MainTest, StatsCountsBySource) {
  const ProcessResult result = RunStore({"stats", StoreFlag(MakeStore())});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("lexica"));
  EXPECT_THAT(result.output, HasSubstr("1 shards"));
}

TEST(MainTest, QueryPrintsALineForEachMatchAndEscapesWhatSitesSend) {
  const ProcessResult result =
      RunStore({"query", StoreFlag(MakeStore()), "--source=wga"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(StartsWith(IdOf(RecordOf("wga", 1))),
                    HasSubstr("Eve\\x1b[2J"), Not(HasSubstr("lexica"))));
}

TEST(MainTest, QueryAsJsonHasTheWholeProvenance) {
  const ProcessResult result =
      RunStore({"query", StoreFlag(MakeStore()), "--format=json", "--limit=1"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(StartsWith("{\"record_id\":\""),
                    HasSubstr("\"provenance\":{\"source\":\"wga\""),
                    HasSubstr("\"quarantine\":\"\"}}\n")));
}

TEST(MainTest, CatGivesTheBytesAsFetched) {
  const Record record = RecordOf("wga", 1);
  const ProcessResult result =
      RunStore({"cat", IdOf(record), StoreFlag(MakeStore())});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, record.image());
}

TEST(MainTest, QuarantineReleaseAndJudgeChangeWhatIsServed) {
  const fs::path dir = MakeStore();
  const std::string id = IdOf(RecordOf("wga", 1));
  const auto query = [&](std::string flag) {
    return RunStore({"query", StoreFlag(dir), "--source=wga", flag}).output;
  };
  EXPECT_EQ(RunStore({"quarantine", id, StoreFlag(dir), "--reason=a\x1bprint"})
                .exit_code,
            0);
  EXPECT_THAT(query("--limit=0"), Not(HasSubstr(id)));
  EXPECT_THAT(query("--include_quarantined"),
              AllOf(StartsWith(id), HasSubstr("quarantined: a\\x1bprint")));
  EXPECT_EQ(RunStore({"cat", id, StoreFlag(dir)}).exit_code, 1);
  EXPECT_EQ(
      RunStore({"cat", id, StoreFlag(dir), "--include_quarantined"}).output,
      RecordOf("wga", 1).image());
  EXPECT_THAT(RunStore({"stats", StoreFlag(dir)}).output,
              ::testing::ContainsRegex("wga +human +1 +0.0 MB +1 "));
  EXPECT_THAT(RunStore({"fsck", StoreFlag(dir)}).output,
              HasSubstr("3 whole records (1 quarantined)"));
  Spill(dir / "judge.csv",
        absl::StrCat("record_id,action,label\n", id, ",label,mixed\n"));
  EXPECT_EQ(RunStore({"release", id, StoreFlag(dir)}).exit_code, 0);
  EXPECT_THAT(
      RunStore({"judge", (dir / "judge.csv").string(), StoreFlag(dir)}).output,
      HasSubstr("1 judgements are kept"));
  EXPECT_THAT(query("--label=mixed"), StartsWith(id));
}

TEST(MainTest, AJudgementOfWhatIsNotThereIsAnError) {
  const fs::path dir = MakeStore();
  const std::string id(32, 'a');
  EXPECT_THAT(RunStore({"release", id, StoreFlag(dir)}).output,
              HasSubstr("has no record " + id));
  const ProcessResult absent =
      RunStore({"release", id, StoreFlag(dir / "absent")});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_FALSE(fs::exists(dir / "absent"));
}

TEST(MainTest, LsListsShards) {
  EXPECT_THAT(RunStore({"ls", StoreFlag(MakeStore())}).output,
              AllOf(StartsWith("shard-000000.tar"), HasSubstr("3 records"),
                    HasSubstr("open")));
}

TEST(MainTest, FsckFailsOnDamageAndNamesIt) {
  const fs::path dir = MakeStore();
  EXPECT_EQ(RunStore({"fsck", StoreFlag(dir), "--rebuild_index"}).exit_code, 0);
  std::string bytes = Slurp(dir / "shards/shard-000000.tar");
  bytes[3000] ^= 1;
  Spill(dir / "shards/shard-000000.tar", bytes);
  const ProcessResult result = RunStore({"fsck", StoreFlag(dir)});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("seq=0 of shard-000000.tar"));
}

TEST(MainTest, FsckReadsTheSnapshotsToo) {
  const fs::path dir = MakeTestDir("fsck_snapshot");
  MakeDrawnStore(dir, 6).reset();
  ASSERT_EQ(RunStore({"snapshot", StoreFlag(dir)}).exit_code, 0);
  const ProcessResult good = RunStore({"fsck", StoreFlag(dir)});
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_THAT(good.output, HasSubstr("1 snapshots, "));
  const fs::path snapshot = fs::directory_iterator(dir / "snapshots")->path();
  for (const char* file : {"shard-000000.tar", "samples.csv", "index.bin"}) {
    const std::string whole = Slurp(snapshot / file);
    std::string damaged = whole;
    damaged[damaged.size() / 2] ^= 1;
    Spill(snapshot / file, damaged);
    const ProcessResult bad = RunStore({"fsck", StoreFlag(dir)});
    EXPECT_EQ(bad.exit_code, 1) << file;
    EXPECT_THAT(bad.output, AllOf(HasSubstr("snapshot "), HasSubstr(file)));
    Spill(snapshot / file, whole);
  }
}

TEST(MainTest, SnapshotPrintsCountsAndItsIdLastAndSnapshotsListsIt) {
  const fs::path dir = MakeTestDir("snapshot");
  MakeDrawnStore(dir, 6).reset();
  const ProcessResult made =
      RunStore({"snapshot", StoreFlag(dir), "--recipe=d4_fair"});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  EXPECT_THAT(made.output, AllOf(HasSubstr("held out"), HasSubstr("train")));
  const size_t last = made.output.rfind("snapshot ");
  ASSERT_NE(last, std::string::npos);
  const std::string id = made.output.substr(last + 9, 16);
  EXPECT_EQ(made.output.substr(last), "snapshot " + id + "\n");
  const ProcessResult listed = RunStore({"snapshots", StoreFlag(dir)});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.output, AllOf(StartsWith(id), HasSubstr("d4_fair")));
}

TEST(MainTest, LinkComparesPairsOnceAndSaysWhatItFound) {
  const fs::path dir = MakeTestDir("link");
  MakeDrawnStore(dir, 6).reset();  // Six of wga: three works of two records.
  const ProcessResult first = RunStore({"link", StoreFlag(dir)});
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("30 records, 3 candidate pairs: 0 judged "
                                      "before, 3 compared now"));
  const ProcessResult second = RunStore({"link", StoreFlag(dir)});
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("3 judged before, 0 compared now"));
  EXPECT_EQ(RunStore({"link", StoreFlag(MakeTestDir("none"))}).exit_code, 1);
}

TEST(MainTest, LinkGoesOnWhereItWasStopped) {
  const fs::path dir = MakeTestDir("stopped");
  {
    const auto store = LocalShardStore::Open(dir, StoreAccess::kWrite).value();
    std::vector<Record> records;
    for (int i = 0; i < 40; ++i) {
      records.push_back(DrawnRecord("wga", i, 48, 48));
      records.back().mutable_provenance()->mutable_work()->set_work_key("one");
    }
    StoreAll(*store, records);
  }
  auto process =
      Process::Start({"shardstore/shardstore", "link", StoreFlag(dir)});
  ASSERT_OK(process);
  // The first of four chunks is done.
  while (!absl::StrContains(process->Output(), "comparing: 128 of 504")) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  process->Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int exit_code, process->Wait());
  EXPECT_EQ(exit_code, 75) << process->Output();
  const ProcessResult rest = RunStore({"link", StoreFlag(dir)});
  EXPECT_EQ(rest.exit_code, 0) << rest.output;
  EXPECT_THAT(rest.output, Not(HasSubstr(" 0 judged before")));
  EXPECT_THAT(RunStore({"link", StoreFlag(dir)}).output,
              HasSubstr("504 candidate pairs: 504 judged before"));
}

TEST(MainTest, LinkSaysWhichSnapshotsItCameTooLateFor) {
  const fs::path dir = MakeTestDir("late");
  std::string id;
  {
    const auto store = MakeDrawnStore(dir, 24);
    const SnapshotInfo info =
        store->CreateSnapshot(LoadRecipe("d4_fair").value()).value();
    id = info.id();
    std::map<Split, std::string> one_of;
    const std::vector<SampleRow> rows = store->ReadSampleTable(id).value();
    for (const SampleRow& row : rows) {
      one_of[row.split] = row.sample_id;
    }
    WorkLink link;
    link.set_record_id(one_of.at(SPLIT_TRAIN));
    link.set_other_id(one_of.at(SPLIT_TEST));
    link.set_relation(WORK_RELATION_SAME_PICTURE);
    link.set_correlation(0.9);
    link.set_method_version(1);
    ASSERT_OK(store->AddLinks({link}));
  }
  const ProcessResult result = RunStore({"link", StoreFlag(dir)});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output,
              HasSubstr(absl::StrCat("snapshot ", id,
                                     " (d4_fair) has 1 pairs of linked "
                                     "samples in two splits")));
}

TEST(MainTest, SnapshotOfAStoreThatLacksASourceSaysWhatToRun) {
  const ProcessResult result =
      RunStore({"snapshot", StoreFlag(MakeStore()), "--recipe=d4_fair"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("//ingest"));
}

TEST(MainTest, AnAbsentOrEmptyStoreIsOneSentenceThatSaysWhatToRun) {
  const fs::path dir = MakeTestDir("empty");
  OpenStorage(dir / "made");
  for (const std::string command : {"stats", "query", "ls"}) {
    for (const char* store : {"absent", "made"}) {
      const ProcessResult result = RunStore({command, StoreFlag(dir / store)});
      EXPECT_EQ(result.exit_code, 1);
      EXPECT_THAT(result.output,
                  AllOf(StartsWith("error: "), HasSubstr("//ingest")));
    }
  }
}

TEST(MainTest, WrongUseExitsWithTwo) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"frobnicate"},
        {"stats", "--no_such_flag=1"},
        {"cat"},
        {"stats", "extra"},
        {"quarantine"},
        {"quarantine", std::string(32, 'a')},
        {"release", "not-an-id", "--reason=x"},
        {"judge"},
        {"judge", "/nonexistent.csv"},
        {"query", "--label=robot"},
        {"query", "--format=xml"}}) {
    const ProcessResult result = RunStore(args);
    EXPECT_EQ(result.exit_code, 2) << args[0] << result.output;
    EXPECT_THAT(result.output, StartsWith("error: "));
  }
}

TEST(MainTest, HelpHasExamples) {
  const ProcessResult result = RunStore({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("bazel run //shardstore -- serve"));
}

TEST(MainTest, ASecondServerOfAStoreIsRefused) {
  const fs::path dir = MakeTestDir("served");
  const std::string port_file = (dir / "port").string();
  ASSERT_OK_AND_ASSIGN(
      Process server,
      Process::Start({"shardstore/shardstore", "serve",
                      StoreFlag(dir / "store"), "--listen=127.0.0.1:0",
                      absl::StrCat("--port_file=", port_file)}));
  ASSERT_OK_AND_ASSIGN(const int port, WaitForPort(server, port_file));
  EXPECT_THAT(
      RunStore({"stats", absl::StrCat("--store=127.0.0.1:", port)}).output,
      HasSubstr("no records yet"));
  const ProcessResult second = RunStore({"serve", StoreFlag(dir / "store")});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.output, HasSubstr("is being written by process"));
  server.Signal(SIGTERM);
  EXPECT_THAT(server.Wait(), IsOkAndHolds(0));
}

}  // namespace
}  // namespace verso::testing
