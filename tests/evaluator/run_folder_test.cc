#include "evaluator/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::verso::testing::IsOkAndHolds;
using ::verso::testing::MakeTestDir;
using ::verso::testing::StatusIs;

class RunFolderTest : public ::testing::Test {
 protected:
  RunFolderTest() : home_(MakeTestDir("home")) {
    setenv("VERSO_HOME", home_.c_str(), 1);
  }

  // A run whose last checkpoint is `age_hours` old.
  fs::path MakeRun(const std::string& name, int age_hours) {
    const fs::path run = home_ / "runs" / name;
    fs::create_directories(run / "checkpoints");
    fs::last_write_time(run / "checkpoints", fs::file_time_type::clock::now() -
                                                 std::chrono::hours(age_hours));
    return run;
  }

  fs::path home_;
};

TEST_F(RunFolderTest, WithoutARunItSaysWhatToRun) {
  EXPECT_THAT(FindRun(""), StatusIs(absl::StatusCode::kNotFound,
                                    HasSubstr("bazel run //trainer")));
}

TEST_F(RunFolderTest, TheNewestRunIsTheDefault) {
  MakeRun("old", 5);
  const fs::path newest = MakeRun("new", 1);
  MakeRun("older", 9);
  fs::create_directories(home_ / "runs" / "not-a-run");
  EXPECT_THAT(FindRun(""), IsOkAndHolds(newest));
}

TEST_F(RunFolderTest, ARunIsFoundByItsNameAndByItsFolder) {
  const fs::path run = MakeRun("mine", 1);
  EXPECT_THAT(FindRun("mine"), IsOkAndHolds(run));
  EXPECT_THAT(FindRun(run.string()), IsOkAndHolds(run));
}

TEST_F(RunFolderTest, AnUnknownRunIsNamed) {
  EXPECT_THAT(FindRun("theirs"), StatusIs(absl::StatusCode::kNotFound,
                                          HasSubstr("no run theirs")));
  EXPECT_THAT(FindRun("../home"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RunFolderTest, OneProcessWritesARunsReports) {
  const fs::path run = MakeRun("mine", 1);
  {
    ASSERT_OK_AND_ASSIGN(const RunLock lock, RunLock::Acquire(run));
    EXPECT_THAT(RunLock::Acquire(run),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("another process")));
  }
  EXPECT_OK(RunLock::Acquire(run));
}

}  // namespace
}  // namespace verso
