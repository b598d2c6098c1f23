#include "trainer/launcher.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/main.h"
#include "common/base/stop_signal.h"

extern char** environ;

namespace verso {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr absl::Duration kGrace = absl::Seconds(10);

struct RankProcess {
  int rank = 0;
  pid_t pid = -1;
  std::optional<int> wait_status;  // Once it has ended.
};

// The variables of this process with those of a rank in front, where execve()
// and getenv() find them first.
std::vector<std::string> EnvironmentOf(const LaunchOptions& options, int rank) {
  std::vector<std::string> environment = {
      absl::StrCat("RANK=", rank),
      absl::StrCat("LOCAL_RANK=", rank),
      absl::StrCat("WORLD_SIZE=", options.ranks),
      absl::StrCat("LOCAL_WORLD_SIZE=", options.ranks),
      "MASTER_ADDR=127.0.0.1",
      absl::StrCat("MASTER_PORT=", options.store_port),
      "TORCHELASTIC_USE_AGENT_STORE=True",
  };
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  return environment;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Everything that allocates is done before fork(): other threads may hold
// malloc's lock.
pid_t StartRank(const LaunchOptions& options, int rank) {
  const std::vector<std::string> environment = EnvironmentOf(options, rank);
  const std::vector<char*> argv = Pointers(options.argv);
  const std::vector<char*> envp = Pointers(environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  // A group of its own: ^C in a terminal reaches us alone, and once.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExitFailed);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

void SignalAll(const std::vector<RankProcess>& ranks, int signal_number) {
  for (const RankProcess& rank : ranks) {
    if (!rank.wait_status && rank.pid > 0) kill(rank.pid, signal_number);
  }
}

// Notes which ranks have ended; true when all have.
bool Reap(std::vector<RankProcess>& ranks) {
  bool all = true;
  for (RankProcess& rank : ranks) {
    int status = 0;
    if (!rank.wait_status && waitpid(rank.pid, &status, WNOHANG) == rank.pid) {
      rank.wait_status = status;
    }
    all = all && rank.wait_status.has_value();
  }
  return all;
}

bool Failed(const RankProcess& rank) {
  if (!rank.wait_status) return false;
  if (!WIFEXITED(*rank.wait_status)) return true;
  const int code = WEXITSTATUS(*rank.wait_status);
  return code != kExitDone && code != kExitStopped;
}

bool EndedBySigterm(const RankProcess& rank) {
  return WIFSIGNALED(*rank.wait_status) &&
         WTERMSIG(*rank.wait_status) == SIGTERM;
}

const RankProcess* FirstFailed(const std::vector<RankProcess>& ranks) {
  // One that a signal killed is the cause; those that exited lost it.
  const RankProcess* first = nullptr;
  for (const RankProcess& rank : ranks) {
    if (!Failed(rank)) continue;
    if (WIFSIGNALED(*rank.wait_status)) return &rank;
    if (first == nullptr) first = &rank;
  }
  return first;
}

// Says who ended how, where the rank could not; the exit code of the whole.
int Report(const RankProcess& failed) {
  const int status = *failed.wait_status;
  if (WIFSIGNALED(status)) {
    absl::FPrintF(stderr,
                  "error: rank %d (process %d) was killed by signal %d (%s); "
                  "the other ranks were ended\n",
                  failed.rank, failed.pid, WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    return kExitFailed;
  }
  const int code = WEXITSTATUS(status);
  if (code == 127) {
    absl::FPrintF(stderr, "error: rank %d could not be started\n", failed.rank);
  }
  return code == kExitUsage ? kExitUsage : kExitFailed;
}

// Ends the ranks that still run and waits for them.
void EndAll(std::vector<RankProcess>& ranks) {
  SignalAll(ranks, SIGTERM);
  const absl::Time end = absl::Now() + kGrace;
  while (!Reap(ranks) && absl::Now() < end) absl::SleepFor(kPoll);
  SignalAll(ranks, SIGKILL);
  while (!Reap(ranks)) absl::SleepFor(kPoll);
}

}  // namespace

int LaunchRanks(const LaunchOptions& options) {
  std::vector<RankProcess> ranks;
  for (int rank = 0; rank < options.ranks; ++rank) {
    ranks.push_back({rank, StartRank(options, rank), std::nullopt});
    if (ranks.back().pid > 0) continue;
    ranks.pop_back();
    absl::FPrintF(stderr, "error: cannot start rank %d: %s\n", rank,
                  strerror(errno));
    EndAll(ranks);
    return kExitFailed;
  }
  bool passed_on = false;
  bool stopped = false;
  while (!Reap(ranks)) {
    if (FirstFailed(ranks) != nullptr) break;
    if (passed_on) {
      absl::SleepFor(kPoll);
    } else if (WaitForStop(kPoll)) {
      SignalAll(ranks, SIGTERM);
      passed_on = true;
    }
  }
  // A rank that lost another may end before the one that it lost is seen.
  if (FirstFailed(ranks) != nullptr) {
    absl::SleepFor(kPoll);
    Reap(ranks);
  }
  if (const RankProcess* failed = FirstFailed(ranks); failed != nullptr) {
    const RankProcess cause = *failed;
    EndAll(ranks);
    // Asked to stop before it could save anything: there was nothing yet.
    if (passed_on && EndedBySigterm(cause)) {
      return ExitCodeOf(absl::CancelledError("stopped on request"));
    }
    return Report(cause);
  }
  for (const RankProcess& rank : ranks) {
    stopped = stopped || WEXITSTATUS(*rank.wait_status) == kExitStopped;
  }
  return stopped ? kExitStopped : kExitDone;
}

}  // namespace verso
