// A binary as all of ours begin: shows what it was told, or waits to be asked
// to stop. Run by main_test.cc and stop_signal_test.cc.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/stop_signal.h"

ABSL_FLAG(int, count, 3, "How many.");
ABSL_FLAG(bool, loud, false, "Whether to be loud.");
ABSL_FLAG(std::string, name, "nobody", "Whose.");
ABSL_FLAG(std::string, port_file, "", "Written when ready.");

namespace verso {
namespace {

absl::Status Ready() {
  return WriteFileAtomically(absl::GetFlag(FLAGS_port_file), "1");
}

int Stop() {
  InstallStopSignals();
  const absl::Status ready = Ready();
  if (!ready.ok()) return ExitCodeOf(ready);
  WaitForStop(absl::Hours(1));
  return ExitCodeOf(CheckNotStopped());
}

// Is asked to stop, says so, and does not.
int Stubborn() {
  InstallStopSignals();
  WaitForStop(absl::ZeroDuration());
  RequestStop();
  const absl::Status ready = Ready();
  while (ready.ok()) pause();
  return ExitCodeOf(ready);
}

// Writes into a pipe that nobody reads.
int BrokenPipe() {
  InstallStopSignals();
  int ends[2];
  if (pipe(ends) != 0) return kExitFailed;
  close(ends[0]);
  const bool reported = write(ends[1], "x", 1) < 0 && errno == EPIPE;
  return reported ? kExitDone : kExitFailed;
}

int Run(const CommandLine& line) {
  if (line.subcommand == "stop") return Stop();
  if (line.subcommand == "stubborn") return Stubborn();
  if (line.subcommand == "pipe") return BrokenPipe();
  if (line.subcommand == "fail") {
    return ExitCodeOf(absl::NotFoundError("no store at /x"));
  }
  absl::PrintF("[%s] [%s] count=%d loud=%d name=%s\n", line.subcommand,
               absl::StrJoin(line.args, ","), absl::GetFlag(FLAGS_count),
               absl::GetFlag(FLAGS_loud), absl::GetFlag(FLAGS_name));
  return kExitDone;
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  return verso::Run(verso::ParseCommandLine(
      argc, argv, "Shows what it was told.\n\nExample: main_probe show"));
}
