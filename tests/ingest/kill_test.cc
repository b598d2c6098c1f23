// Kills the binary in the middle of its work, as a power cut would.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "shardstore/shard_store.h"
#include "tests/ingest/wga_stand_in.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::MakeTestDir;
using ::verso::testing::Process;

constexpr int kPictures = 60;
constexpr int kParallel = 4;

class KillTest : public ::testing::Test {
 protected:
  void OnRequest(const std::string& what) {
    if (what == "catalogue" || what == "rules") return;
    if (++requests_ != signal_at_) return;
    while (pid_ == 0) std::this_thread::yield();
    kill(pid_, signal_);
  }

  // Runs ingest; the picture request number `signal_at` sends it `signal`.
  // The exit code, 128 + n when killed by signal n.
  int Run(int signal_at, int signal) {
    requests_ = 0;
    signal_ = signal;
    signal_at_ = signal_at;
    pid_ = 0;
    Process process =
        Process::Start({"ingest/ingest", "run", "--sources=wga",
                        "--wga_url=" + site_.Url(), "--host_interval=0s",
                        "--store=" + store_.string(),
                        "--frontier=" + state_.string(),
                        absl::StrCat("--parallel=", kParallel)})
            .value();
    pid_ = process.pid();
    return process.Wait().value();
  }

  // How many records the store has; all of them different items.
  size_t Stored() {
    auto store = OpenShardStore(store_.string(), StoreAccess::kRead).value();
    auto reader = store->Query(RecordQuery()).value();
    std::multiset<std::string> ids;
    while (const auto record = reader->Next().value()) {
      ids.insert(record->provenance().source_item_id());
    }
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
    return ids.size();
  }

  std::atomic<int> requests_ = 0;
  std::atomic<int> signal_at_ = 0;
  std::atomic<int> signal_ = 0;
  std::atomic<pid_t> pid_ = 0;
  const std::filesystem::path store_ = MakeTestDir("store");
  const std::filesystem::path state_ = MakeTestDir("state");
  WgaStandIn site_{kPictures,
                   [this](const std::string& what) { OnRequest(what); }};
};

TEST_F(KillTest, CostsAtMostTheRequestsInFlight) {
  EXPECT_EQ(Run(20, SIGKILL), 128 + SIGKILL);
  const int before = requests_;
  EXPECT_EQ(Run(0, 0), 0);
  EXPECT_LE(before + requests_, kPictures + kParallel);
  EXPECT_EQ(Stored(), kPictures);
}

TEST_F(KillTest, ARequestToStopEndsCleanlyAndIsTakenUpAgain) {
  EXPECT_EQ(Run(20, SIGTERM), 75);
  const int before = requests_;
  EXPECT_EQ(Run(0, 0), 0);
  EXPECT_LE(before + requests_, kPictures + kParallel);
  EXPECT_EQ(Stored(), kPictures);
}

TEST_F(KillTest, ASecondRunAsksForNoPicture) {
  EXPECT_EQ(Run(0, 0), 0);
  EXPECT_EQ(requests_, kPictures);
  EXPECT_EQ(Run(0, 0), 0);
  EXPECT_EQ(requests_, 0);
}

}  // namespace
}  // namespace verso
