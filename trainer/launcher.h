#ifndef VERSO_TRAINER_LAUNCHER_H_
#define VERSO_TRAINER_LAUNCHER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace verso {

struct LaunchOptions {
  std::vector<std::string> argv;  // argv[0]: the program's path.
  int ranks = 1;
  int store_port = 0;  // Of the key-value store on 127.0.0.1.
};

// Starts the ranks of one machine as processes of the same program and waits
// for all of them. They find each other by torchrun's variables.
// - When one fails, the others are ended (SIGTERM, then SIGKILL after 10 s) and
//   a sentence on stderr says which one died of a signal; one that exits has
//   said itself why.
// - SIGTERM and SIGINT (see InstallStopSignals(), which must have been called)
//   are passed on once; the ranks then stop by themselves.
// - No rank outlives this process, whatever ends it.
// Returns the exit code for main(): 0 when all ranks did, 75 when all stopped
// on request, else that of the first rank that failed, or 1.
// Call from the main thread.
int LaunchRanks(const LaunchOptions& options);

}  // namespace verso

#endif  // VERSO_TRAINER_LAUNCHER_H_
