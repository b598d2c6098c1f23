// Decoders live exactly as long as their parent wants them to.
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/common/image/sandbox/decoders_of.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::SizeIs;

class LifetimeTest : public ::testing::Test {
 protected:
  // Starts sandbox_host and waits until it has its decoder.
  void Start(const std::string& mode) {
    const std::string ready = MakeTestDir("lifetime") / "ready";
    ASSERT_OK_AND_ASSIGN(
        Process host, Process::Start({"tests/common/image/sandbox/sandbox_host",
                                      mode, ready}));
    host_.push_back(std::move(host));
    ASSERT_OK(WaitForPort(host_[0], ready));
    decoders_ = DecodersOf(host_[0].pid());
    ASSERT_THAT(decoders_, SizeIs(1));
  }

  std::vector<Process> host_;
  std::vector<pid_t> decoders_;
};

TEST_F(LifetimeTest, AnIdleDecoderEndsWithItsKilledParent) {
  Start("idle");
  host_[0].Signal(SIGKILL);
  EXPECT_TRUE(AwaitEnd(decoders_[0]));
}

TEST_F(LifetimeTest, AWorkingDecoderEndsWithItsKilledParent) {
  Start("busy");
  ASSERT_TRUE(AwaitWork(decoders_[0]));
  host_[0].Signal(SIGKILL);
  EXPECT_TRUE(AwaitEnd(decoders_[0]));
}

TEST_F(LifetimeTest, CtrlCLeavesDecodersToTheirParentAndNothingIsPrinted) {
  Start("idle");
  kill(-host_[0].pid(), SIGINT);  // As a terminal does, to the whole group.
  kill(decoders_[0], SIGTERM);    // As a scheduler does, to every process.
  ASSERT_OK_AND_ASSIGN(const int exit_code, host_[0].Wait());
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(host_[0].Output(), "OK\nDATA_LOSS\nOK\nDATA_LOSS\n");
  EXPECT_TRUE(AwaitEnd(decoders_[0]));
}

}  // namespace
}  // namespace verso
