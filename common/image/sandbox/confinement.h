#ifndef VERSO_COMMON_IMAGE_SANDBOX_CONFINEMENT_H_
#define VERSO_COMMON_IMAGE_SANDBOX_CONFINEMENT_H_

#include <cstdint>

#include "absl/status/status.h"

namespace verso {

// Takes from this process, for good, all that decoding does not need: standard
// input and output go nowhere, no file can grow or be opened, memory may grow
// by `memory_bytes` (address space; not held under a sanitizer, which needs
// all of it), no core dumps, nobody may trace it, and system calls are limited
// (syscall_filter.h). Time is kept by the parent, which can do so for each
// image and out of reach.
// kFailedPrecondition: the system does not allow it; says what it takes.
absl::Status ConfineThisProcess(int64_t memory_bytes);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_CONFINEMENT_H_
