#ifndef VERSO_COMMON_BASE_STOP_SIGNAL_H_
#define VERSO_COMMON_BASE_STOP_SIGNAL_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verso {

// From now on SIGTERM and SIGINT ask the process to stop cleanly instead of
// killing it; a second one kills it. Also ignores SIGPIPE and SIGXFSZ, whose
// errors are reported by write(). Call once, in main().
void InstallStopSignals();

// True once the process was asked to stop. Thread-safe.
bool StopRequested();

// kCancelled with "stopped on request" once StopRequested(), else OK.
absl::Status CheckNotStopped();

// Waits until the process is asked to stop or `timeout` has passed; true when
// asked. Thread-safe.
bool WaitForStop(absl::Duration timeout);

// Asks the process to stop, as SIGTERM does. Thread-safe.
void RequestStop();

}  // namespace verso

#endif  // VERSO_COMMON_BASE_STOP_SIGNAL_H_
