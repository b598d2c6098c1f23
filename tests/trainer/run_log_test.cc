#include "trainer/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "trainer/train_config.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::verso::testing::MakeTestDir;
using ::verso::testing::StatusIs;

TrainConfig Config() {
  TrainConfig config;
  config.set_store("/store");
  config.set_snapshot("0123456789abcdef");
  config.set_model("efficientnet_lite0");
  config.set_global_batch(8);
  config.set_learning_rate(1e-6);
  config.set_epochs(2);
  config.set_world_size(2);
  return config;
}

LogRow RowOf(int64_t step) {
  LogRow row;
  row.step = step;
  row.samples = 8 * step;
  row.training = LogRow::Training{0.5, 0.75, 1e-6, 84.06, 0.0104};
  row.time = absl::FromUnixSeconds(1700000000);
  return row;
}

TEST(RunLogTest, WritesALineAStep) {
  const auto dir = MakeTestDir("lines");
  ASSERT_OK_AND_ASSIGN(const auto log,
                       RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  ASSERT_OK(log->RewindTo(0));
  ASSERT_OK(log->Append(RowOf(1)));
  LogRow validated = RowOf(2);
  validated.validation = LogRow::Validation{0.25, 0.9, 0.625};
  ASSERT_OK(log->Append(validated));
  EXPECT_EQ(ReadFile(dir / "log.csv").value(),
            "step,epoch,samples,loss,accuracy,lr,images_per_s,wait_share,"
            "validation_loss,validation_accuracy,threshold,time\n"
            "1,0,8,0.5,0.75,1e-06,84.1,0.010,,,,2023-11-14T22:13:20Z\n"
            "2,0,16,0.5,0.75,1e-06,84.1,0.010,0.25,0.9,0.625,"
            "2023-11-14T22:13:20Z\n");
}

TEST(RunLogTest, ForgetsTheStepsThatAreDoneAgain) {
  const auto dir = MakeTestDir("rewind");
  ASSERT_OK_AND_ASSIGN(auto log,
                       RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  ASSERT_OK(log->RewindTo(0));
  for (int step = 1; step <= 3; ++step) ASSERT_OK(log->Append(RowOf(step)));
  ASSERT_OK(WriteFileAtomically(dir / "log.csv",
                                ReadFile(dir / "log.csv").value() + "4,0,3"));
  ASSERT_OK(log->RewindTo(1));
  ASSERT_OK(log->Append(RowOf(2)));
  const std::string text = ReadFile(dir / "log.csv").value();
  EXPECT_THAT(text, HasSubstr("\n2,0,16,"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(RunLogTest, RefusesAFileThatIsNoLog) {
  const auto dir = MakeTestDir("foreign");
  ASSERT_OK(WriteFileAtomically(dir / "log.csv", "a,b\n1,2\n"));
  ASSERT_OK_AND_ASSIGN(const auto log,
                       RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  EXPECT_THAT(log->RewindTo(0),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("log.csv")));
}

TEST(RunLogTest, NamesWhatDiffersFromTheRunThatIsThere) {
  const auto dir = MakeTestDir("differs");
  ASSERT_OK(RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  TrainConfig other = Config();
  other.set_learning_rate(1e-4);
  other.set_seed(3);
  EXPECT_THAT(
      RunLog::Open(dir, other, ResumePolicy::kAuto),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               ::testing::AllOf(HasSubstr("learning_rate: 1e-06 -> 0.0001"),
                                HasSubstr("seed: 0 -> 3"),
                                HasSubstr("another --run"),
                                Not(HasSubstr("ignored")))));
  EXPECT_OK(RunLog::Open(dir, other, ResumePolicy::kForce));
}

TEST(RunLogTest, ARunMayGoOnLongerAndOnOtherMachines) {
  const auto dir = MakeTestDir("longer");
  ASSERT_OK(RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  TrainConfig other = Config();
  other.set_store("10.0.0.1:7701");
  other.set_epochs(20);
  other.set_world_size(8);
  other.set_threads(4);
  EXPECT_OK(RunLog::Open(dir, other, ResumePolicy::kAuto));
}

TEST(RunLogTest, ANewRunMustBeNew) {
  const auto dir = MakeTestDir("new");
  ASSERT_OK(RunLog::Open(dir, Config(), ResumePolicy::kNever));
  EXPECT_THAT(
      RunLog::Open(dir, Config(), ResumePolicy::kNever),
      StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("--resume=auto")));
}

TEST(RunLogTest, OnlyOneProcessWritesARun) {
  const auto dir = MakeTestDir("locked");
  ASSERT_OK_AND_ASSIGN(const auto log,
                       RunLog::Open(dir, Config(), ResumePolicy::kAuto));
  EXPECT_THAT(RunLog::Open(dir, Config(), ResumePolicy::kAuto),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another process")));
}

TEST(TrainConfigTest, ABatchSmallerThanTheRanksIsRefused) {
  TrainConfig config = Config();
  config.set_world_size(9);
  EXPECT_THAT(CheckConfig(config),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--batch_size=8 must be at least the number "
                                 "of ranks (9)")));
}

TEST(TrainConfigTest, EqualRunsHaveNoDifference) {
  EXPECT_THAT(DescribeDifference(Config(), Config()), IsEmpty());
}

}  // namespace
}  // namespace verso
