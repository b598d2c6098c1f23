#ifndef VERSO_TESTS_GALLERY_ACCESS_LOG_H_
#define VERSO_TESTS_GALLERY_ACCESS_LOG_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace verso {

// A line per answer, in the order of the answers, written before they are sent:
//   <arrival of the request, microseconds since 1970> <method> <host:port>
//   <path and query as requested> <status>
// parted by spaces. Thread-safe.
class AccessLog {
 public:
  // Starts the file anew. kInvalidArgument: it cannot be written.
  static absl::StatusOr<std::unique_ptr<AccessLog>> Open(
      const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot write the access log ", path));
    }
    return std::unique_ptr<AccessLog>(new AccessLog(file));
  }
  ~AccessLog() { std::fclose(file_); }

  void Add(absl::Time arrived, const std::string& method,
           const std::string& host, const std::string& target, int status)
      ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    absl::FPrintF(file_, "%d %s %s %s %d\n", absl::ToUnixMicros(arrived),
                  method, host, target, status);
    std::fflush(file_);
  }

 private:
  explicit AccessLog(std::FILE* file) : file_(file) {}

  absl::Mutex mu_;
  std::FILE* const file_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_ACCESS_LOG_H_
