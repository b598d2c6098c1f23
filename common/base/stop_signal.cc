#include "common/base/stop_signal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "common/base/check.h"

namespace verso {
namespace {

std::atomic<bool> stop_requested{false};

// Written once when asked to stop and never read, so that every waiter's
// poll() sees it readable.
int stop_pipe[2] = {-1, -1};

const bool pipe_ready = [] {
  VERSO_CHECK(pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
  return true;
}();

void HandleStop(int signal_number) {
  if (stop_requested.exchange(true)) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    return;
  }
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
}

}  // namespace

void InstallStopSignals() {
  struct sigaction action = {};
  action.sa_handler = HandleStop;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

bool StopRequested() { return stop_requested.load(); }

absl::Status CheckNotStopped() {
  if (StopRequested()) return absl::CancelledError("stopped on request");
  return absl::OkStatus();
}

bool WaitForStop(absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  while (!StopRequested()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd waiting = {stop_pipe[0], POLLIN, 0};
    const absl::Duration slice = std::min(left, absl::Hours(1));
    poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(slice)) + 1);
  }
  return true;
}

void RequestStop() {
  if (stop_requested.exchange(true)) return;
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
}

}  // namespace verso
