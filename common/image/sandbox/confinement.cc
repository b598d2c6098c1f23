#include "common/image/sandbox/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/image/sandbox/syscall_filter.h"

namespace verso {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHoldsMemory = false;
#elif defined(__has_feature)
constexpr bool kHoldsMemory =
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kHoldsMemory = true;
#endif

absl::Status Failed(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot confine the image decoder: ", what, ": ", std::strerror(errno)));
}

absl::Status Limit(int resource, rlim_t limit, absl::string_view what) {
  const rlimit both = {limit, limit};
  return setrlimit(resource, &both) == 0 ? absl::OkStatus() : Failed(what);
}

// What the program and its libraries take up already.
absl::StatusOr<int64_t> AddressSpace() {
  int64_t pages = 0;
  if (!(std::ifstream("/proc/self/statm") >> pages)) {
    return absl::FailedPreconditionError(
        "cannot confine the image decoder: /proc/self/statm cannot be read; "
        "mount /proc");
  }
  return pages * sysconf(_SC_PAGESIZE);
}

absl::Status SilenceStandardStreams() {
  ASSIGN_OR_RETURN(const FileDescriptor null, OpenFile("/dev/null", O_RDWR));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (dup2(null.get(), fd) < 0) return Failed("dup2");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ConfineThisProcess(int64_t memory_bytes) {
  ASSIGN_OR_RETURN(const int64_t used, AddressSpace());
  RETURN_IF_ERROR(SilenceStandardStreams());
  if (kHoldsMemory) {
    RETURN_IF_ERROR(
        Limit(RLIMIT_AS, static_cast<rlim_t>(used + memory_bytes), "memory"));
  }
  RETURN_IF_ERROR(Limit(RLIMIT_CORE, 0, "core dumps"));
  RETURN_IF_ERROR(Limit(RLIMIT_FSIZE, 0, "file sizes"));
  RETURN_IF_ERROR(Limit(RLIMIT_NOFILE, 0, "open files"));
  RETURN_IF_ERROR(Limit(RLIMIT_NPROC, 0, "processes"));
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Failed("PR_SET_DUMPABLE");
  return InstallSyscallFilter();
}

}  // namespace verso
