#ifndef VERSO_TESTS_COMMON_IMAGE_SANDBOX_DECODERS_OF_H_
#define VERSO_TESTS_COMMON_IMAGE_SANDBOX_DECODERS_OF_H_

#include <sys/types.h>

#include <vector>

namespace verso::testing {

// The living children of a process, ascending.
std::vector<pid_t> DecodersOf(pid_t parent);

int ThreadsOf(pid_t pid);

// Waits until the process runs no more, a minute at most; true when it does
// not. It may still wait to be waited for.
bool AwaitEnd(pid_t pid);

// Waits until the process is computing, a minute at most; true when it is.
bool AwaitWork(pid_t pid);

}  // namespace verso::testing

#endif  // VERSO_TESTS_COMMON_IMAGE_SANDBOX_DECODERS_OF_H_
