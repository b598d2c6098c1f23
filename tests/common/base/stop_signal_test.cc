#include "common/base/stop_signal.h"

#include <signal.h>

#include "common/base/main.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;

// Starts main_probe and waits until it is ready for signals.
Process StartProbe(const std::string& subcommand) {
  const auto ready = MakeTestDir(subcommand) / "ready";
  Process process = Process::Start({"tests/common/base/main_probe", subcommand,
                                    "--port_file=" + ready.string()})
                        .value();
  EXPECT_OK(testing::WaitForPort(process, ready));
  return process;
}

TEST(StopSignalTest, BothSignalsEndAWaitWithExit75) {
  for (const int signal_number : {SIGTERM, SIGINT}) {
    Process process = StartProbe("stop");
    process.Signal(signal_number);
    ASSERT_OK_AND_ASSIGN(const int exit_code, process.Wait());
    EXPECT_EQ(exit_code, kExitStopped);
    EXPECT_THAT(process.Output(),
                HasSubstr("stopped on request; run the same command again"));
  }
}

TEST(StopSignalTest, ASecondRequestKills) {
  Process process = StartProbe("stubborn");
  process.Signal(SIGTERM);
  ASSERT_OK_AND_ASSIGN(const int exit_code, process.Wait());
  EXPECT_EQ(exit_code, 128 + SIGTERM);
}

TEST(StopSignalTest, APipeThatNobodyReadsIsAnErrorOfWrite) {
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      testing::RunProcess({"tests/common/base/main_probe", "pipe"}));
  EXPECT_EQ(result.exit_code, kExitDone);
}

TEST(StopSignalTest, NobodyAskedUntilSomebodyAsks) {
  EXPECT_FALSE(StopRequested());
  EXPECT_OK(CheckNotStopped());
  EXPECT_FALSE(WaitForStop(absl::ZeroDuration()));
  RequestStop();
  EXPECT_TRUE(StopRequested());
  EXPECT_TRUE(WaitForStop(absl::InfiniteDuration()));
  EXPECT_EQ(CheckNotStopped().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace verso
