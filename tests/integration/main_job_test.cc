// The whole path with the real binaries, on a small simulated collection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "common/base/file.h"
#include "tests/integration/pipeline.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kSmallTraining = {
    "--ranks=2",       "--model=efficientnet_lite0",
    "--image_size=32", "--image_fit=crop",
    "--batch_size=16", "--lr=1e-3",
    "--epochs=1",      "--threads=1"};

// One collection, taken in once, for all cases.
class MainJobTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    pipeline_ = new Pipeline(MakeTestDir("main_job"));
    ASSERT_OK(pipeline_->StartGallery(
        {"--wga=24", "--artbench=40", "--lexica=24", "--dalle=8"}));
    ASSERT_OK(pipeline_->StartStore());
    ASSERT_OK_AND_ASSIGN(const ProcessResult ingest, pipeline_->Ingest());
    ASSERT_EQ(ingest.exit_code, 0) << ingest.output;
    ASSERT_OK_AND_ASSIGN(snapshot_, pipeline_->Freeze("d4_fair"));
  }
  static void TearDownTestSuite() { delete pipeline_; }

  static std::vector<std::string> Flags() {
    std::vector<std::string> flags = kSmallTraining;
    flags.push_back("--snapshot=" + snapshot_);
    return flags;
  }

  static inline Pipeline* pipeline_ = nullptr;
  static inline std::string snapshot_;
};

std::string LatestFile(const std::filesystem::path& run,
                       const std::string& name) {
  return ReadFile(run / "latest" / name).value_or("none");
}

TEST_F(MainJobTest, ASecondIngestFetchesNothing) {
  ASSERT_OK_AND_ASSIGN(const int before, pipeline_->Requests("total"));
  ASSERT_OK_AND_ASSIGN(const ProcessResult again, pipeline_->Ingest());
  EXPECT_EQ(again.exit_code, 0) << again.output;
  ASSERT_OK_AND_ASSIGN(const int after, pipeline_->Requests("total"));
  EXPECT_GT(before, 100);
  EXPECT_EQ(after, before);
}

TEST_F(MainJobTest, TrainingOverGrpcEqualsTrainingFromTheDirectoryBitByBit) {
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult remote,
      pipeline_->Train(pipeline_->store_address(), "remote", Flags()));
  ASSERT_EQ(remote.exit_code, 0) << remote.output;
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult local,
      pipeline_->Train(pipeline_->store_dir().string(), "local", Flags()));
  ASSERT_EQ(local.exit_code, 0) << local.output;
  const std::string weights =
      LatestFile(pipeline_->run_dir("remote"), "model.safetensors");
  EXPECT_GT(weights.size(), 10'000'000);
  EXPECT_TRUE(weights ==
              LatestFile(pipeline_->run_dir("local"), "model.safetensors"));
}

TEST_F(MainJobTest, TheTableHasAColumnForEachOfTheFiveSources) {
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult training,
      pipeline_->Train(pipeline_->store_address(), "tabled", Flags()));
  ASSERT_EQ(training.exit_code, 0) << training.output;
  ASSERT_OK_AND_ASSIGN(const ProcessResult evaluation,
                       pipeline_->Evaluate("tabled"));
  ASSERT_EQ(evaluation.exit_code, 0) << evaluation.output;
  for (const char* source : {"artbench", "wga", "lofi", "lexica", "dalle"}) {
    EXPECT_THAT(evaluation.output, HasSubstr(source));
  }
  EXPECT_THAT(evaluation.output, HasSubstr("unseen"));
  EXPECT_THAT(evaluation.output, HasSubstr("simulated"));
}

TEST_F(MainJobTest, ABrokenWeightsFileIsNamed) {
  const std::filesystem::path file = MakeTestDir("weights") / "w.safetensors";
  ASSERT_OK(WriteFileAtomically(file, "these are no weights"));
  std::vector<std::string> flags = Flags();
  flags.push_back("--weights=" + file.string());
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      pipeline_->Train(pipeline_->store_address(), "broken", flags));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr(file.string()));
  EXPECT_FALSE(
      std::filesystem::exists(pipeline_->run_dir("broken") / "latest"));
}

}  // namespace
}  // namespace verso::testing
