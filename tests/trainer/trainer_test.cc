// Real ranks: processes that find each other and train.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/csv.h"
#include "common/base/file.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/tiny_store.h"
#include "trainer/checkpoint_manifest.h"

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

constexpr char kTiny[] = "tests/trainer/tiny_trainer";
constexpr char kReal[] = "trainer/trainer";
constexpr char kServer[] = "shardstore/shardstore";

using Rows = std::vector<std::vector<std::string>>;

// One snapshot for all tests; runs have folders of their own.
class TrainerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new fs::path(MakeTestDir("trainer"));
    auto snapshot = testing::MakeTinyStore(*dir_ / "store", 20);
    ASSERT_OK(snapshot);
    snapshot_ = new SnapshotInfo(*std::move(snapshot));
  }

  static fs::path RunDir(const std::string& run) { return *dir_ / run; }

  static std::vector<std::string> Command(
      const char* program, const std::string& run,
      const std::vector<std::string>& flags) {
    std::vector<std::string> command = {
        program,
        absl::StrCat("--store=", (*dir_ / "store").string()),
        absl::StrCat("--run_dir=", RunDir(run).string()),
        "--model=efficientnet_lite0",
        "--device=cpu",
        "--threads=1",
        "--batch_size=6",
        "--lr=0.003"};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }

  // Runs to the end and expects it to work.
  static void Train(const char* program, const std::string& run,
                    const std::vector<std::string>& flags) {
    ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                         RunProcess(Command(program, run, flags)));
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  // Serves the store on a port of its own.
  static absl::StatusOr<Process> StartServer(int& port) {
    const fs::path port_file = MakeTestDir("server") / "port";
    auto server = Process::Start(
        {kServer, "serve", "--store=" + (*dir_ / "store").string(),
         "--listen=127.0.0.1:0", "--port_file=" + port_file.string()});
    if (!server.ok()) return server.status();
    const auto found = WaitForPort(*server, port_file);
    if (!found.ok()) return found.status();
    port = *found;
    return server;
  }

  static Rows LogOf(const std::string& run) {
    const std::string text = ReadFile(RunDir(run) / "log.csv").value_or("");
    CsvReader reader(text);
    Rows rows;
    for (auto row = reader.Next(); row.ok() && *row; row = reader.Next()) {
      rows.push_back(**row);
    }
    if (!rows.empty()) rows.erase(rows.begin());
    return rows;
  }

  // Waits until the run has done `steps`; false when it ends before.
  static bool WaitForSteps(Process& process, const std::string& run,
                           size_t steps) {
    const absl::Time end = absl::Now() + absl::Minutes(2);
    while (absl::Now() < end && LogOf(run).size() < steps) {
      if (process.Wait(absl::ZeroDuration()).ok()) return false;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return LogOf(run).size() >= steps;
  }

  static CheckpointManifest ManifestOf(const std::string& run,
                                       const char* link) {
    auto manifest = ReadManifest(RunDir(run) / link);
    EXPECT_OK(manifest);
    return manifest.value_or(CheckpointManifest());
  }

  static std::string WeightsOf(const std::string& run) {
    auto bytes = ReadFile(RunDir(run) / "latest" / std::string(kWeightsName));
    EXPECT_OK(bytes);
    return bytes.value_or("");
  }

  static inline fs::path* dir_ = nullptr;
  static inline SnapshotInfo* snapshot_ = nullptr;
};

double Number(const std::string& text) {
  double value = 0;
  EXPECT_TRUE(absl::SimpleAtod(text, &value)) << text;
  return value;
}

int ErrorLines(const std::string& output) {
  const std::vector<std::string> lines = absl::StrSplit(output, '\n');
  return static_cast<int>(std::count_if(
      lines.begin(), lines.end(),
      [](const std::string& line) { return line.rfind("error: ", 0) == 0; }));
}

// The process of `rank` below a launcher.
pid_t RankOf(pid_t launcher, int rank) {
  std::ifstream children(
      absl::StrCat("/proc/", launcher, "/task/", launcher, "/children"));
  pid_t pid = 0;
  while (children >> pid) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/environ"));
    const std::string environment((std::istreambuf_iterator<char>(file)), {});
    if (environment.rfind(absl::StrCat("RANK=", rank) + '\0', 0) == 0) {
      return pid;
    }
  }
  return -1;
}

TEST_F(TrainerTest, LearnsAlikeOnOneTwoAndThreeRanks) {
  Rows first;
  for (const std::string ranks : {"1", "2", "3"}) {
    const std::string run = "ranks" + ranks;
    Train(kTiny, run, {"--ranks=" + ranks, "--epochs=1"});
    const Rows rows = LogOf(run);
    if (first.empty()) first = rows;
    ASSERT_EQ(rows.size(), first.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_NEAR(Number(rows[i][3]), Number(first[i][3]), 1e-4)
          << "step " << i;
    }
    EXPECT_NEAR(Number(rows.back()[8]), Number(first.back()[8]), 1e-4);
    // Each validation sample once, not padded to the ranks.
    EXPECT_EQ(ManifestOf(run, "best").validation_samples,
              snapshot_->validation_samples());
  }
}

TEST_F(TrainerTest, LossFallsAndTheBestCheckpointIsThatOfLowestLoss) {
  Train(kTiny, "learns", {"--ranks=2", "--epochs=6", "--lr=0.03"});
  std::vector<double> losses;
  for (const auto& row : LogOf("learns")) {
    if (!row[8].empty()) losses.push_back(Number(row[8]));
  }
  ASSERT_EQ(losses.size(), 6);
  EXPECT_LT(losses.back(), losses.front());
  const CheckpointManifest best = ManifestOf("learns", "best");
  EXPECT_NEAR(best.validation_loss,
              *std::min_element(losses.begin(), losses.end()), 1e-6);
  EXPECT_EQ(best.kind, CheckpointKind::kScored);
  EXPECT_EQ(best.human_rates.size(), 2);
  for (const auto& [source, rate] : best.human_rates) {
    EXPECT_LE(rate.rate, best.alpha) << source;
  }
}

// Three ranks: with two, a sum has the same bits in any order.
TEST_F(TrainerTest, AStoppedRunGoesOnBitByBit) {
  const std::vector<std::string> flags = {"--ranks=3", "--noise_sigma=0.1",
                                          "--epochs=1000"};
  ASSERT_OK_AND_ASSIGN(Process process,
                       Process::Start(Command(kReal, "stopped", flags)));
  ASSERT_TRUE(WaitForSteps(process, "stopped", 2)) << process.Output();
  process.Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int code, process.Wait());
  ASSERT_EQ(code, 75) << process.Output();
  EXPECT_THAT(process.Output(), HasSubstr("run the same command again"));
  const int64_t step = ManifestOf("stopped", "latest").step;
  std::vector<std::string> rest = flags;
  rest.push_back(absl::StrCat("--max_steps=", step + 3));
  Train(kReal, "stopped", rest);
  Train(kReal, "whole", rest);
  EXPECT_TRUE(WeightsOf("stopped") == WeightsOf("whole"));
  const Rows stopped = LogOf("stopped");
  const Rows whole = LogOf("whole");
  ASSERT_EQ(stopped.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(stopped[i][3], whole[i][3]) << "loss of step " << i;
    EXPECT_EQ(stopped[i][8], whole[i][8]) << "validation of step " << i;
  }
}

// The first stop leaves a checkpoint before its step was validated; a second
// one must not write it again.
TEST_F(TrainerTest, ARunMayBeStoppedTwiceAtOneStep) {
  const std::vector<std::string> flags = {"--ranks=2", "--epochs=1000000"};
  ASSERT_OK_AND_ASSIGN(Process first,
                       Process::Start(Command(kReal, "twice", flags)));
  ASSERT_TRUE(WaitForSteps(first, "twice", 1)) << first.Output();
  first.Signal(SIGTERM);
  ASSERT_OK(first.Wait());
  ASSERT_OK_AND_ASSIGN(Process second,
                       Process::Start(Command(kReal, "twice", flags)));
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (absl::Now() < end &&
         second.Output().find("going on from") == std::string::npos) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  second.Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int code, second.Wait());
  EXPECT_EQ(code, 75) << second.Output();
}

TEST_F(TrainerTest, AServerGivesTheSameWeightsAsTheDirectory) {
  int port = 0;
  ASSERT_OK_AND_ASSIGN(const Process server, StartServer(port));
  Train(kTiny, "directory", {"--ranks=2", "--epochs=2"});
  Train(kTiny, "server",
        {"--ranks=2", "--epochs=2", absl::StrCat("--store=127.0.0.1:", port)});
  EXPECT_TRUE(WeightsOf("server") == WeightsOf("directory"));
}

// The stream's own patience with a server that is gone is a minute.
TEST_F(TrainerTest, AStopIsHeededWhileTheServerIsGone) {
  int port = 0;
  ASSERT_OK_AND_ASSIGN(Process server, StartServer(port));
  ASSERT_OK_AND_ASSIGN(
      Process trainer,
      Process::Start(Command(kTiny, "gone",
                             {"--ranks=2", "--epochs=1000000",
                              absl::StrCat("--store=127.0.0.1:", port)})));
  ASSERT_TRUE(WaitForSteps(trainer, "gone", 2)) << trainer.Output();
  server.Signal(SIGKILL);
  ASSERT_OK(server.Wait());
  trainer.Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int code, trainer.Wait(absl::Seconds(30)));
  EXPECT_EQ(code, 75) << trainer.Output();
  const int64_t step = ManifestOf("gone", "latest").step;
  EXPECT_EQ(std::to_string(step), LogOf("gone").back()[0]);
}

TEST_F(TrainerTest, ADamagedSampleIsNamedAndTheStepsBeforeItAreSaved) {
  const fs::path store = *dir_ / "damaged_store";
  fs::copy(*dir_ / "store", store, fs::copy_options::recursive);
  const fs::path shard =
      store / "snapshots" / snapshot_->id() / "shard-000000.tar";
  std::string bytes = ReadFile(shard).value();
  bytes[bytes.size() / 5] ^= 1;  // The training split is first.
  ASSERT_OK(WriteFileAtomically(shard, bytes));
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess(Command(kTiny, "damaged",
                                          {"--ranks=2", "--epochs=1",
                                           "--store=" + store.string()})));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(ErrorLines(result.output), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("shard-000000.tar"));
  const int64_t step = ManifestOf("damaged", "latest").step;
  EXPECT_GT(step, 0);
  EXPECT_THAT(result.output,
              HasSubstr(absl::StrCat("step ", step, " is saved")));
}

TEST_F(TrainerTest, ADamagedCheckpointCostsOnlyTheStepsSinceTheOneBefore) {
  const std::vector<std::string> flags = {"--ranks=2", "--epochs=2"};
  Train(kTiny, "flipped", flags);
  const std::string weights = WeightsOf("flipped");
  const fs::path file = RunDir("flipped") / "latest" / "model.safetensors";
  ASSERT_OK(WriteFileAtomically(fs::canonical(file), "not tensors"));
  Train(kTiny, "flipped", flags);
  EXPECT_TRUE(WeightsOf("flipped") == weights);
}

TEST_F(TrainerTest, ARunThatIsDoneHasNothingLeftToDo) {
  const std::vector<std::string> flags = {"--ranks=1", "--max_steps=2"};
  Train(kTiny, "done", flags);
  const std::string log = ReadFile(RunDir("done") / "log.csv").value();
  Train(kTiny, "done", flags);
  EXPECT_EQ(ReadFile(RunDir("done") / "log.csv").value(), log);
}

TEST_F(TrainerTest, ARunOfAnotherConfigurationIsRefused) {
  Train(kTiny, "config", {"--max_steps=1"});
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      RunProcess(Command(kTiny, "config", {"--max_steps=1", "--seed=5"})));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("seed"), HasSubstr("--run")));
}

TEST_F(TrainerTest, AKilledRankEndsTheOthersAndIsNamed) {
  ASSERT_OK_AND_ASSIGN(
      Process process,
      Process::Start(
          Command(kTiny, "killed", {"--ranks=2", "--epochs=1000000"})));
  ASSERT_TRUE(WaitForSteps(process, "killed", 1)) << process.Output();
  const pid_t rank1 = RankOf(process.pid(), 1);
  const pid_t rank0 = RankOf(process.pid(), 0);
  ASSERT_GT(rank1, 0);
  ASSERT_EQ(kill(rank1, SIGKILL), 0);
  ASSERT_OK_AND_ASSIGN(const int code, process.Wait(absl::Seconds(30)));
  EXPECT_EQ(code, 1);
  EXPECT_THAT(process.Output(),
              HasSubstr(absl::StrCat("rank 1 (process ", rank1,
                                     ") was killed "
                                     "by signal 9")));
  EXPECT_NE(kill(rank0, 0), 0);
}

TEST_F(TrainerTest, AKilledLauncherLeavesNoRankBehind) {
  ASSERT_OK_AND_ASSIGN(
      Process process,
      Process::Start(
          Command(kTiny, "orphans", {"--ranks=2", "--epochs=1000000"})));
  ASSERT_TRUE(WaitForSteps(process, "orphans", 1)) << process.Output();
  const std::vector<pid_t> ranks = {RankOf(process.pid(), 0),
                                    RankOf(process.pid(), 1)};
  process.Signal(SIGKILL);
  ASSERT_OK(process.Wait());
  for (const pid_t rank : ranks) {
    ASSERT_GT(rank, 0);
    // Gone, or dead and not yet reaped by its new parent.
    const absl::Time end = absl::Now() + absl::Seconds(30);
    std::string state = "R";
    while (absl::Now() < end && state != "Z" && !state.empty()) {
      std::ifstream stat(absl::StrCat("/proc/", rank, "/stat"));
      std::string pid, name;
      state.clear();
      stat >> pid >> name >> state;
    }
    EXPECT_TRUE(state.empty() || state == "Z") << state;
  }
}

TEST_F(TrainerTest, AMissingStoreIsOneSentenceThatSaysWhatToRun) {
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({kReal, "--ranks=2", "--device=cpu",
                                   "--store=" + (*dir_ / "nothing").string()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(ErrorLines(result.output), 1) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr((*dir_ / "nothing").string()),
                                   HasSubstr("//ingest -- run"),
                                   HasSubstr("//shardstore -- snapshot")));
}

TEST_F(TrainerTest, AnUnknownSnapshotIsNamedOnce) {
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      RunProcess(Command(kTiny, "snapshot", {"--ranks=2", "--snapshot=d9"})));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(ErrorLines(result.output), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("d9"));
}

TEST_F(TrainerTest, ABrokenWeightsFileIsNamedOnceAndNothingIsTrained) {
  const fs::path weights = *dir_ / "broken.safetensors";
  ASSERT_OK(WriteFileAtomically(weights, "not tensors"));
  for (const fs::path& file : {weights, *dir_ / "absent.safetensors"}) {
    ASSERT_OK_AND_ASSIGN(
        const ProcessResult result,
        RunProcess(Command(kReal, "weights",
                           {"--ranks=2", "--weights=" + file.string()})));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(ErrorLines(result.output), 1) << result.output;
    EXPECT_THAT(result.output, HasSubstr(file.string()));
    EXPECT_FALSE(fs::exists(RunDir("weights") / "checkpoints"));
  }
}

TEST_F(TrainerTest, UsageErrorsAreSaidOnceBeforeAnyRankStarts) {
  for (const char* flag :
       {"--no_such_flag", "--batch_size=1", "--model=resnet", "--resume=maybe",
        "--alpha=2", "--image_fit=stretch", "--device=tpu", "--threads=100000",
        "--decode_threads=-1", "--run=../x"}) {
    ASSERT_OK_AND_ASSIGN(
        const ProcessResult result,
        RunProcess(Command(kTiny, "usage", {"--ranks=2", flag})));
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_EQ(ErrorLines(result.output), 1) << result.output;
  }
}

TEST_F(TrainerTest, HelpHasExamples) {
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({kTiny, "--help"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("bazel run //trainer"), HasSubstr("--ranks")));
}

}  // namespace
}  // namespace verso
