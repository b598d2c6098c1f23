#include "trainer/checkpoint.h"

#include <filesystem>
#include <string>

#include "ATen/ATen.h"
#include "common/base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::MakeTestDir;
using testing::StatusIs;

CheckpointManifest At(int64_t step,
                      CheckpointKind kind = CheckpointKind::kScored) {
  CheckpointManifest manifest;
  manifest.kind = kind;
  manifest.step = step;
  return manifest;
}

TensorMap Weights(double value = 1) { return {{"w", at::full({2, 3}, value)}}; }

fs::path Commit(const fs::path& run, const CheckpointManifest& manifest,
                const CommitOptions& options = {}) {
  return CommitCheckpoint(run, manifest, Weights(manifest.step),
                          {{"m", at::ones({2})}}, options)
      .value();
}

TEST(CheckpointTest, LoadsWhatWasCommitted) {
  const fs::path run = MakeTestDir("loads");
  const fs::path dir = Commit(run, At(120));
  EXPECT_EQ(dir, run / "checkpoints" / "step-0000000120");
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  EXPECT_EQ(manifest.files.size(), 2u);
  ASSERT_OK_AND_ASSIGN(const TensorMap weights,
                       LoadCheckpointTensors(dir, manifest, kWeightsName));
  EXPECT_TRUE(at::equal(weights.at("w"), at::full({2, 3}, 120.0)));
  ASSERT_OK_AND_ASSIGN(const TensorMap optimizer,
                       LoadCheckpointTensors(dir, manifest, kOptimizerName));
  EXPECT_TRUE(at::equal(optimizer.at("m"), at::ones({2})));
}

TEST(CheckpointTest, LinksPointToTheNewestAndTheBest) {
  const fs::path run = MakeTestDir("links");
  Commit(run, At(1), {.mark_best = true});
  const fs::path newest = Commit(run, At(2));
  EXPECT_EQ(fs::canonical(run / "latest"), fs::canonical(newest));
  EXPECT_EQ(fs::read_symlink(run / "best"), "checkpoints/step-0000000001");
}

TEST(CheckpointTest, AMovedRunKeepsItsLinks) {
  const fs::path dir = MakeTestDir("moved");
  Commit(dir / "a", At(1), {.mark_best = true});
  fs::rename(dir / "a", dir / "b");
  EXPECT_OK(ReadManifest(dir / "b" / "best"));
}

TEST(CheckpointTest, LeavesNoTemporaryFolder) {
  const fs::path run = MakeTestDir("clean");
  Commit(run, At(1));
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    EXPECT_EQ(entry.path().filename(), "step-0000000001");
  }
}

TEST(CheckpointTest, WritesNoFileForAnEmptyOptimiser) {
  const fs::path run = MakeTestDir("plain");
  ASSERT_OK_AND_ASSIGN(const fs::path dir,
                       CommitCheckpoint(run, At(1), Weights(), {}));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  EXPECT_THAT(LoadCheckpointTensors(dir, manifest, kOptimizerName),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(CheckpointTest, AScoredOneReplacesAResumeOneOfItsStep) {
  const fs::path run = MakeTestDir("replace");
  Commit(run, At(5, CheckpointKind::kResume));
  const fs::path dir = Commit(run, At(5));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  EXPECT_EQ(manifest.kind, CheckpointKind::kScored);
  EXPECT_FALSE(fs::exists(run / "checkpoints" / ".tmp-step-0000000005"));
}

TEST(CheckpointTest, AScoredOneIsNeverReplaced) {
  const fs::path run = MakeTestDir("keep");
  const fs::path dir = Commit(run, At(5));
  EXPECT_THAT(
      CommitCheckpoint(run, At(5), Weights(-1), {}),
      StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(dir.string())));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  EXPECT_OK(LoadCheckpointTensors(dir, manifest, kWeightsName));
  EXPECT_OK(LoadCheckpointTensors(dir, manifest, kOptimizerName));
}

TEST(CheckpointTest, NamesADamagedFile) {
  const fs::path run = MakeTestDir("damaged");
  const fs::path dir = Commit(run, At(1));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  const fs::path file = dir / std::string(kWeightsName);
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(file));
  bytes.back() ^= 1;
  ASSERT_OK(WriteFileAtomically(file, bytes));
  const auto damaged =
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr(file.string()), HasSubstr("sha256")));
  EXPECT_THAT(LoadCheckpointTensors(dir, manifest, kWeightsName), damaged);
}

TEST(CheckpointTest, NamesACutFile) {
  const fs::path run = MakeTestDir("cut");
  const fs::path dir = Commit(run, At(1));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  fs::resize_file(dir / std::string(kOptimizerName), 10);
  const auto damaged = StatusIs(
      absl::StatusCode::kDataLoss,
      AllOf(HasSubstr("optimizer.safetensors"), HasSubstr("10 bytes")));
  EXPECT_THAT(LoadCheckpointTensors(dir, manifest, kOptimizerName), damaged);
}

TEST(CheckpointTest, NamesAMissingFile) {
  const fs::path run = MakeTestDir("missing");
  const fs::path dir = Commit(run, At(1));
  ASSERT_OK_AND_ASSIGN(const auto manifest, ReadManifest(dir));
  fs::remove(dir / std::string(kWeightsName));
  const auto damaged =
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr("model.safetensors"), HasSubstr("missing")));
  EXPECT_THAT(LoadCheckpointTensors(dir, manifest, kWeightsName), damaged);
}

TEST(CheckpointTest, ADamagedNewestOneIsSetAsideForTheOneBefore) {
  const fs::path run = MakeTestDir("set_aside");
  Commit(run, At(1));
  const fs::path damaged = Commit(run, At(2));
  fs::resize_file(damaged / std::string(kOptimizerName), 10);
  ASSERT_OK_AND_ASSIGN(const auto loaded, LoadNewestCheckpoint(run));
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->manifest.step, 1);
  EXPECT_TRUE(at::equal(loaded->weights.at("w"), at::full({2, 3}, 1.0)));
  EXPECT_TRUE(fs::exists(run / "checkpoints" / "damaged-step-0000000002"));
  Commit(run, At(2));  // Its name is free again.
  ASSERT_OK_AND_ASSIGN(const auto again, LoadNewestCheckpoint(run));
  EXPECT_EQ(again->manifest.step, 2);
}

TEST(CheckpointTest, NothingIsMovedWhenEveryOneIsDamaged) {
  const fs::path run = MakeTestDir("all_damaged");
  const fs::path dir = Commit(run, At(7));
  fs::remove(dir / std::string(kManifestName));
  EXPECT_THAT(LoadNewestCheckpoint(run),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("has no checkpoint that is whole")));
  EXPECT_TRUE(fs::exists(dir));
  ASSERT_OK_AND_ASSIGN(const auto none,
                       LoadNewestCheckpoint(MakeTestDir("none")));
  EXPECT_FALSE(none.has_value());
}

TEST(CheckpointTest, RemovesWhatACrashLeft) {
  const fs::path run = MakeTestDir("crash");
  const fs::path dir = Commit(run, At(1));
  const fs::path left = run / "checkpoints" / ".tmp-step-0000000002";
  ASSERT_OK(MakeDirs(left));
  ASSERT_OK(WriteFileAtomically(left / std::string(kWeightsName), "half"));
  EXPECT_OK(RemoveUnfinishedCheckpoints(run));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(dir));
}

TEST(CheckpointTest, ANewRunHasNothingToRemove) {
  EXPECT_OK(RemoveUnfinishedCheckpoints(MakeTestDir("new") / "run"));
}

TEST(CheckpointTest, AFailedCommitLeavesNothing) {
  const fs::path run = MakeTestDir("failed");
  const TensorMap bad = {{"z", at::zeros({1}, at::kComplexFloat)}};
  EXPECT_FALSE(CommitCheckpoint(run, At(1), bad, {}).ok());
  EXPECT_TRUE(fs::is_empty(run / "checkpoints"));
  EXPECT_FALSE(fs::is_symlink(run / "latest"));
}

}  // namespace
}  // namespace verso
