// The program as a user starts it: a real store, real checkpoints of a small
// network with random weights, real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <filesystem>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/file.h"
#include "common/image/jpeg.h"
#include "evaluator/scores_csv.h"
#include "shardstore/shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "trainer/checkpoint.h"
#include "trainer/network.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;
using ::verso::testing::ProcessResult;
using ::verso::testing::RunProcess;
using ::verso::testing::WaitForPort;

constexpr int kSide = 64;
constexpr char kProgram[] = "evaluator/evaluator";

Record MakeRecord(const std::string& source, Label label, int number) {
  Image image = {.width = kSide, .height = kSide};
  std::mt19937 random(std::hash<std::string>()(source) + number);
  image.rgb.resize(3 * kSide * kSide);
  for (uint8_t& value : image.rgb) value = random();
  Record record;
  record.set_image(EncodeJpeg(image, 90).value());
  Provenance& provenance = *record.mutable_provenance();
  provenance.set_source(source);
  provenance.set_label(label);
  provenance.set_source_item_id(absl::StrCat(number));
  provenance.set_width(kSide);
  provenance.set_height(kSide);
  provenance.set_format("jpeg");
  provenance.set_stand_in("simulated");
  if (label == LABEL_GENERATED) {
    provenance.mutable_generator()->set_family(source + "-family");
  }
  return record;
}

void AddSource(const std::string& source, Label label, bool held_out,
               DatasetRecipe& recipe) {
  SourceSelection& selection = *recipe.add_source();
  selection.set_source(source);
  selection.set_label(label);
  selection.set_held_out(held_out);
}

// A store with wga and lofi, and dalle held out; returns the snapshot's id.
std::string MakeStore(const fs::path& dir) {
  const auto store = OpenShardStore(dir.string(), StoreAccess::kWrite).value();
  std::vector<Record> records;
  for (int i = 0; i < 24; ++i) {
    records.push_back(MakeRecord("wga", LABEL_HUMAN, i));
    records.push_back(MakeRecord("lofi", LABEL_GENERATED, i));
    if (i < 8) records.push_back(MakeRecord("dalle", LABEL_GENERATED, i));
  }
  EXPECT_OK(store->Append(records));
  DatasetRecipe recipe;
  recipe.set_name("tiny");
  AddSource("wga", LABEL_HUMAN, false, recipe);
  AddSource("lofi", LABEL_GENERATED, false, recipe);
  AddSource("dalle", LABEL_GENERATED, true, recipe);
  recipe.mutable_preparation()->set_mode(NATIVE_CROP);
  recipe.mutable_preparation()->set_size(kSide);
  recipe.mutable_split()->set_validation(0.1);
  recipe.mutable_split()->set_test(0.5);
  return store->CreateSnapshot(recipe).value().id();
}

class EvaluatorBinaryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    store_ = new fs::path(MakeTestDir("store"));
    snapshot_ = new std::string(MakeStore(*store_));
  }

  static void Commit(const fs::path& run, int64_t step, CheckpointKind kind,
                     double loss) {
    CheckpointManifest manifest;
    manifest.kind = kind;
    manifest.run = "tiny-run";
    manifest.model = "efficientnet_lite0";
    manifest.step = step;
    manifest.snapshot = *snapshot_;
    manifest.transforms.image_size = kSide;
    manifest.validation_loss = loss;
    manifest.validation_samples = 4;
    const auto network = MakeNetwork(manifest.model).value();
    ASSERT_OK(CommitCheckpoint(run, manifest, StateOf(*network), {}));
  }

  // Steps 10 (the best) and 20, and a `resume` checkpoint at 15.
  static fs::path MakeRun() {
    const fs::path run = MakeTestDir("run");
    Commit(run, 10, CheckpointKind::kScored, 0.3);
    Commit(run, 15, CheckpointKind::kResume, 0);
    Commit(run, 20, CheckpointKind::kScored, 0.4);
    return run;
  }

  static std::vector<std::string> Command(
      const std::string& subcommand, const fs::path& run,
      const std::vector<std::string>& more = {}) {
    std::vector<std::string> argv = {kProgram, subcommand,
                                     "--run=" + run.string(), "--device=cpu",
                                     "--store=" + store_->string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }

  static ProcessResult Run(const std::vector<std::string>& argv) {
    const auto result = RunProcess(argv);
    EXPECT_OK(result);
    return *result;
  }

  static std::map<std::string, std::string> ReportFiles(const fs::path& run) {
    std::map<std::string, std::string> files;
    std::error_code missing;
    for (const auto& entry :
         fs::recursive_directory_iterator(run / "reports", missing)) {
      const std::string name = fs::relative(entry.path(), run / "reports");
      if (entry.is_regular_file() && name[0] != '.') {
        files[name] = ReadFile(entry.path()).value();
      }
    }
    return files;
  }

  static fs::path* store_;
  static std::string* snapshot_;
};

fs::path* EvaluatorBinaryTest::store_ = nullptr;
std::string* EvaluatorBinaryTest::snapshot_ = nullptr;

TEST_F(EvaluatorBinaryTest, WatchOnceScoresEachCheckpointAndPrintsTheNewest) {
  const fs::path run = MakeRun();
  const ProcessResult result = Run(Command("watch", run, {"--once"}));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("# Extended confusion matrix: step-0000000020 of "
                              "run tiny-run"),
                    HasSubstr("wga (human)"), HasSubstr("lofi (generated)"),
                    HasSubstr("dalle (generated)"), HasSubstr("unseen"),
                    HasSubstr("simulated"), HasSubstr("images/s")));
  EXPECT_TRUE(fs::exists(run / "reports/step-0000000010/table.md"));
  EXPECT_TRUE(fs::exists(run / "reports/step-0000000020/report.json"));
  EXPECT_FALSE(fs::exists(run / "reports/step-0000000015"));
}

TEST_F(EvaluatorBinaryTest, ScoresAreTheSnapshotsTestSplit) {
  const fs::path run = MakeRun();
  EXPECT_EQ(Run(Command("watch", run, {"--once"})).exit_code, 0);
  ASSERT_OK_AND_ASSIGN(
      const auto scores,
      ScoresFromCsv(
          ReadFile(run / "reports/step-0000000020/scores.csv").value()));
  ASSERT_OK_AND_ASSIGN(const auto store,
                       OpenShardStore(store_->string(), StoreAccess::kRead));
  ASSERT_OK_AND_ASSIGN(const auto table, store->ReadSampleTable(*snapshot_));
  size_t next = 0;
  for (const SampleRow& row : table) {
    if (row.split != SPLIT_TEST) continue;
    ASSERT_LT(next, scores.size());
    EXPECT_EQ(scores[next].sample_id, row.sample_id);
    EXPECT_TRUE(scores[next].logit.has_value());
    ++next;
  }
  EXPECT_EQ(next, scores.size());
}

TEST_F(EvaluatorBinaryTest, ASecondTimeNothingIsScoredAgain) {
  const fs::path run = MakeRun();
  EXPECT_EQ(Run(Command("watch", run, {"--once"})).exit_code, 0);
  const auto before = fs::last_write_time(run / "reports/step-0000000010");
  const ProcessResult again =
      Run(Command("watch", run, {"--once", "--checkpoint=best"}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.output, Not(HasSubstr("pictures scored")));
  EXPECT_THAT(again.output, HasSubstr("matrix: step-0000000010"));
  EXPECT_EQ(fs::last_write_time(run / "reports/step-0000000010"), before);
}

TEST_F(EvaluatorBinaryTest, KilledAndStartedAgainItGivesTheSameBytes) {
  const fs::path run = MakeRun();
  const fs::path killed = MakeTestDir("killed");
  fs::copy(run / "checkpoints", killed / "checkpoints",
           fs::copy_options::recursive);
  EXPECT_EQ(Run(Command("watch", run, {"--once"})).exit_code, 0);
  const auto whole = ReportFiles(run);
  EXPECT_EQ(whole.size(), 8);
  std::mt19937 random(5);
  for (int i = 0; i < 5; ++i) {
    fs::remove_all(killed / "reports");
    ASSERT_OK_AND_ASSIGN(Process process,
                         Process::Start(Command("watch", killed, {"--once"})));
    absl::SleepFor(absl::Milliseconds(100 + random() % 600));  // Any moment.
    process.Signal(SIGKILL);
    ASSERT_OK(process.Wait());
    for (const auto& [name, bytes] : ReportFiles(killed)) {
      EXPECT_EQ(bytes, whole.at(name)) << name;
    }
  }
  EXPECT_EQ(Run(Command("watch", killed, {"--once"})).exit_code, 0);
  EXPECT_EQ(ReportFiles(killed), whole);
}

TEST_F(EvaluatorBinaryTest, ADamagedCheckpointIsNamedAndTheOthersAreScored) {
  const fs::path run = MakeRun();
  const fs::path weights =
      run / "checkpoints/step-0000000010/model.safetensors";
  std::string bytes = ReadFile(weights).value();
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_OK(WriteFileAtomically(weights, bytes));
  const ProcessResult result = Run(Command("watch", run, {"--once"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("error: checkpoint step-0000000010 cannot be "
                              "scored"),
                    HasSubstr("model.safetensors")));
  EXPECT_FALSE(fs::exists(run / "reports/step-0000000010"));
  EXPECT_TRUE(fs::exists(run / "reports/step-0000000020/table.md"));
}

TEST_F(EvaluatorBinaryTest, WatchServesThePageAndStopsOnRequest) {
  const fs::path run = MakeRun();
  const fs::path port_file = run / "port";
  ASSERT_OK_AND_ASSIGN(
      Process process,
      Process::Start(Command(
          "watch", run,
          {"--listen=127.0.0.1:0", "--port_file=" + port_file.string()})));
  ASSERT_OK_AND_ASSIGN(const int port, WaitForPort(process, port_file));
  httplib::Client client("127.0.0.1", port);
  std::string page;
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!absl::StrContains(page, "step-0000000020") &&
         absl::Now() < deadline) {
    const auto answer = client.Get("/");
    ASSERT_TRUE(answer);
    page = answer->body;
  }
  EXPECT_THAT(page, HasSubstr("<h1>step-0000000020"));
  process.Signal(SIGTERM);
  EXPECT_THAT(process.Wait(), testing::IsOkAndHolds(75)) << process.Output();
}

TEST_F(EvaluatorBinaryTest, ServeAndReportShowWhatIsThere) {
  const fs::path run = MakeRun();
  EXPECT_EQ(Run(Command("watch", run, {"--once"})).exit_code, 0);
  EXPECT_EQ(Run(Command("report", run)).output,
            ReadFile(run / "reports/step-0000000020/table.md").value());
  const fs::path port_file = run / "port";
  ASSERT_OK_AND_ASSIGN(
      Process process,
      Process::Start(Command(
          "serve", run,
          {"--listen=127.0.0.1:0", "--port_file=" + port_file.string()})));
  ASSERT_OK_AND_ASSIGN(const int port, WaitForPort(process, port_file));
  httplib::Client client("127.0.0.1", port);
  EXPECT_EQ(client.Get("/table.csv")->body,
            ReadFile(run / "reports/step-0000000020/table.csv").value());
  process.Signal(SIGTERM);
  EXPECT_THAT(process.Wait(), testing::IsOkAndHolds(0)) << process.Output();
}

TEST_F(EvaluatorBinaryTest, ARunWithoutScoredCheckpointsSaysWhatToDo) {
  const fs::path run = MakeTestDir("empty");
  fs::create_directories(run / "checkpoints");
  for (const auto& argv :
       {Command("watch", run, {"--once"}), Command("report", run)}) {
    const ProcessResult result = Run(argv);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.output, HasSubstr("bazel run //"));
  }
}

TEST_F(EvaluatorBinaryTest, AMissingStoreIsNamed) {
  const fs::path run = MakeRun();
  const ProcessResult result =
      Run({kProgram, "watch", "--once", "--run=" + run.string(), "--device=cpu",
           "--store=/no/such/store"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("/no/such/store"));
}

TEST_F(EvaluatorBinaryTest, WrongUsageExitsWithTwo) {
  EXPECT_EQ(Run({kProgram, "wacth"}).exit_code, 2);
  EXPECT_EQ(Run({kProgram, "watch", "--onec"}).exit_code, 2);
  EXPECT_EQ(Run({kProgram, "watch", "extra"}).exit_code, 2);
  for (const char* flag : {"--batch_size=0", "--draws=-1", "--device=tpu",
                           "--threshold=nan", "--threshold=2", "--scores=f"}) {
    EXPECT_EQ(Run({kProgram, "report", flag}).exit_code, 2) << flag;
  }
  EXPECT_EQ(Run({kProgram, "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace verso
