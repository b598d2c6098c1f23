#ifndef VERSO_COMMON_IMAGE_SANDBOX_SYSCALL_FILTER_H_
#define VERSO_COMMON_IMAGE_SANDBOX_SYSCALL_FILTER_H_

#include "absl/status/status.h"

namespace verso {

// From now on all threads of this process may compute, allocate memory, read
// and write what is open, abort and exit; there is no way back. What looks for
// a file or asks about the system fails with EACCES, since libraries try that
// and live without; so does memory that could be executed. Any other system
// call (exec, fork, threads, sockets, ptrace, signals to others, ...) ends the
// process with SIGSYS. By seccomp-bpf, without privileges.
// kFailedPrecondition: the kernel or the container does not allow it.
absl::Status InstallSyscallFilter();

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_SYSCALL_FILTER_H_
