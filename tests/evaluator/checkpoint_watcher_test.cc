#include "evaluator/checkpoint_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "evaluator/report_writer.h"
#include "evaluator/run_folder.h"
#include "tests/evaluator/sample_report.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::verso::testing::SampleReport;
using ::verso::testing::StatusIs;

class CheckpointWatcherTest : public ::testing::Test {
 protected:
  CheckpointWatcherTest() : run_(testing::MakeTestDir("run")) {}

  fs::path DirOf(int64_t step) const {
    return run_ / "checkpoints" / absl::StrFormat("step-%010d", step);
  }

  // Commits a checkpoint that holds a manifest alone.
  void Commit(int64_t step, CheckpointKind kind = CheckpointKind::kScored,
              double loss = 0.5) {
    CheckpointManifest manifest;
    manifest.kind = kind;
    manifest.run = "run";
    manifest.model = "efficientnet_lite0";
    manifest.step = step;
    manifest.snapshot = "0123456789abcdef";
    manifest.files["model.safetensors"] = {.size_bytes = 1,
                                           .sha256 = Sha256Hex("x")};
    manifest.validation_loss = loss;
    manifest.validation_samples = 10;
    ASSERT_OK(MakeDirs(DirOf(step)));
    ASSERT_OK(WriteFileAtomically(DirOf(step) / "manifest.json",
                                  ManifestToJson(manifest)));
  }

  // Everything that the watcher has to give now.
  static std::vector<std::string> Drain(CheckpointWatcher& watcher) {
    std::vector<std::string> names;
    while (true) {
      const auto next = watcher.Next();
      EXPECT_OK(next);
      if (!next.ok() || !next->has_value()) return names;
      names.push_back((*next)->name);
    }
  }

  fs::path run_;
};

TEST_F(CheckpointWatcherTest, ARunWithoutCheckpointsHasNoneYet) {
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), IsEmpty());
}

TEST_F(CheckpointWatcherTest, EachIsSeenExactlyOnceInTheOrderOfSteps) {
  Commit(300);
  Commit(20);
  Commit(1000);
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000020", "step-0000000300",
                                          "step-0000001000"));
  EXPECT_THAT(Drain(watcher), IsEmpty());
  Commit(2000);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000002000"));
}

TEST_F(CheckpointWatcherTest, ResumeCheckpointsArePassedOver) {
  Commit(10, CheckpointKind::kResume);
  Commit(20);
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000020"));
}

TEST_F(CheckpointWatcherTest, AResumeCheckpointThatBecomesScoredIsSeenThen) {
  Commit(10, CheckpointKind::kResume);
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), IsEmpty());
  Commit(10, CheckpointKind::kScored);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000010"));
}

TEST_F(CheckpointWatcherTest, AReportOfTheSameManifestCountsAsSeen) {
  Commit(10);
  Commit(20);
  EvaluationReport report = SampleReport(10);
  report.subject.manifest_sha256 =
      Sha256Hex(ReadFile(DirOf(10) / "manifest.json").value());
  ASSERT_OK(WriteReport(ReportsDir(run_), report));
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000020"));
}

TEST_F(CheckpointWatcherTest, ReplacedContentComesAgain) {
  Commit(10, CheckpointKind::kScored, 0.5);
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000010"));
  Commit(10, CheckpointKind::kScored, 0.4);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000010"));
}

TEST_F(CheckpointWatcherTest, ADamagedReportIsMadeAgain) {
  Commit(10);
  EvaluationReport report = SampleReport(10);
  report.subject.manifest_sha256 =
      Sha256Hex(ReadFile(DirOf(10) / "manifest.json").value());
  ASSERT_OK(WriteReport(ReportsDir(run_), report));
  ASSERT_OK(WriteFileAtomically(
      ReportsDir(run_) / "step-0000000010" / "report.json", "{}"));
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000010"));
}

TEST_F(CheckpointWatcherTest, ADamagedManifestIsNamedOnceAndDoesNotBlock) {
  Commit(10);
  Commit(20);
  ASSERT_OK(WriteFileAtomically(DirOf(10) / "manifest.json", "{\"kind\":"));
  CheckpointWatcher watcher(run_);
  EXPECT_THAT(watcher.Next(), StatusIs(absl::StatusCode::kDataLoss,
                                       HasSubstr("step-0000000010")));
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000020"));
}

TEST_F(CheckpointWatcherTest, OneToRetryComesAgain) {
  Commit(10);
  CheckpointWatcher watcher(run_);
  const PendingCheckpoint pending = **watcher.Next();
  EXPECT_EQ(pending.manifest.step, 10);
  EXPECT_EQ(pending.dir, DirOf(10));
  EXPECT_THAT(Drain(watcher), IsEmpty());
  watcher.Retry(pending);
  EXPECT_THAT(Drain(watcher), ElementsAre("step-0000000010"));
}

}  // namespace
}  // namespace verso
