#include "trainer/launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/stop_signal.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::verso::testing::MakeTestDir;

// Ranks that run a shell script.
LaunchOptions Scripts(const std::string& script, int ranks) {
  LaunchOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.ranks = ranks;
  options.store_port = 4711;
  return options;
}

TEST(LauncherTest, EveryRankLearnsItsPlace) {
  const auto dir = MakeTestDir("place");
  const std::string script =
      "echo $RANK $LOCAL_RANK $WORLD_SIZE $MASTER_ADDR:$MASTER_PORT > " +
      dir.string() + "/$RANK";
  EXPECT_EQ(LaunchRanks(Scripts(script, 2)), kExitDone);
  EXPECT_EQ(ReadFile(dir / "0").value(), "0 0 2 127.0.0.1:4711\n");
  EXPECT_EQ(ReadFile(dir / "1").value(), "1 1 2 127.0.0.1:4711\n");
}

TEST(LauncherTest, EndsTheOthersWhenOneFails) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(LaunchRanks(Scripts("[ $RANK = 1 ] && exit 1; exec sleep 600", 3)),
            kExitFailed);
  // The rank has said itself why.
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), IsEmpty());
}

TEST(LauncherTest, NamesTheRankThatASignalKilled) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(
      LaunchRanks(Scripts("[ $RANK = 1 ] && kill -9 $$; exec sleep 600", 2)),
      kExitFailed);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("rank 1 (process "));
}

TEST(LauncherTest, AKilledRankIsBlamedBeforeOneThatLostIt) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(LaunchRanks(Scripts("[ $RANK = 2 ] && kill -9 $$; exit 1", 3)),
            kExitFailed);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("rank 2 (process "));
}

TEST(LauncherTest, KeepsAUsageError) {
  EXPECT_EQ(LaunchRanks(Scripts("exit 2", 2)), kExitUsage);
}

TEST(LauncherTest, SaysThatAProgramCannotBeStarted) {
  LaunchOptions options = Scripts("", 1);
  options.argv[0] = "/nonexistent/program";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(LaunchRanks(options), kExitFailed);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("could not be started"));
}

TEST(LauncherDeathTest, PassesAStopOnAndReportsIt) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        InstallStopSignals();
        RequestStop();
        std::exit(LaunchRanks(
            Scripts("trap 'exit 75' TERM; while :; do sleep 0.1; done", 2)));
      },
      ::testing::ExitedWithCode(kExitStopped), "");
}

TEST(LauncherDeathTest, AStopBeforeTheRanksListenIsAStop) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        InstallStopSignals();
        RequestStop();
        std::exit(LaunchRanks(Scripts("exec sleep 600", 2)));
      },
      ::testing::ExitedWithCode(kExitStopped), "stopped on request");
}

}  // namespace
}  // namespace verso
