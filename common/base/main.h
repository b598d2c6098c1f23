#ifndef VERSO_COMMON_BASE_MAIN_H_
#define VERSO_COMMON_BASE_MAIN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace verso {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
// Stopped on request with everything saved: run me again to go on.
inline constexpr int kExitStopped = 75;

struct CommandLine {
  std::string subcommand;         // Empty when none was given.
  std::vector<std::string> args;  // Positional arguments after it.
};

// Sets the Abseil flags of this binary and returns the rest. `--help` prints
// `usage` (which has the examples) and every flag of ours with its default,
// and exits 0. An unknown flag or a bad value is one sentence and exit 2.
// `--flag value`, `--flag=value`, `--flag` and `--noflag` (bool); `--` ends.
CommandLine ParseCommandLine(int argc, char** argv, absl::string_view usage);

// Prints a failure as "error: ..." on stderr. 0 for OK, 75 for kCancelled
// (see stop_signal.h), else 1. What main() returns.
int ExitCodeOf(const absl::Status& status);

// "error: <message>, see --help" on stderr; returns kExitUsage.
int UsageError(absl::string_view message);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_MAIN_H_
