#include "common/base/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_format.h"

namespace verso {
namespace {

size_t TerminalWidth() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

}  // namespace

ProgressLine::ProgressLine(absl::Duration plain_interval)
    : terminal_(isatty(STDERR_FILENO) != 0),
      interval_(terminal_ ? absl::Milliseconds(200) : plain_interval) {}

ProgressLine::~ProgressLine() {
  absl::MutexLock lock(&mu_);
  if (open_) std::fputc('\n', stderr);
}

void ProgressLine::Update(absl::string_view text) {
  absl::MutexLock lock(&mu_);
  const absl::Time now = absl::Now();
  if (now - last_ < interval_) return;
  last_ = now;
  Show(terminal_ ? text.substr(0, TerminalWidth() - 1) : text);
  open_ = terminal_;
}

void ProgressLine::Finish(absl::string_view text) {
  absl::MutexLock lock(&mu_);
  last_ = absl::InfinitePast();
  Show(text);
  if (terminal_) std::fputc('\n', stderr);
  open_ = false;
}

void ProgressLine::Show(absl::string_view text) {
  if (terminal_) {
    absl::FPrintF(stderr, "\r\033[K%s", text);
  } else {
    absl::FPrintF(stderr, "%s\n", text);
  }
  std::fflush(stderr);
}

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 60) return absl::StrFormat("%d s", seconds);
  if (seconds < 3600) {
    return absl::StrFormat("%d min %02d s", seconds / 60, seconds % 60);
  }
  return absl::StrFormat("%d h %02d min", seconds / 3600, seconds / 60 % 60);
}

std::string FormatTimeLeft(double done, double total, absl::Time start) {
  if (done <= 0) return "?";
  return HumanDuration((absl::Now() - start) * ((total - done) / done));
}

}  // namespace verso
