#ifndef VERSO_TESTS_GALLERY_FAULTS_H_
#define VERSO_TESTS_GALLERY_FAULTS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace verso {

enum class FaultKind {
  kNotFound,         // "404"
  kTooManyRequests,  // "429", with a Retry-After of one second
  kServerError,      // "500"
  kHtml,             // "html": 200 with a page, whatever was asked for
  kHalf,  // "half": the body stops half-way, then the connection ends
};

struct Fault {
  std::string path_prefix;
  FaultKind kind = FaultKind::kNotFound;
  int64_t count = std::numeric_limits<int64_t>::max();  // Answers left.
};

// "PATH_PREFIX=KIND[:COUNT]", several parted by commas; "" is none.
// kInvalidArgument: not of this form; says what was expected.
absl::StatusOr<std::vector<Fault>> ParseFaults(absl::string_view text);

// Says which answers go wrong. Thread-safe.
class FaultInjector {
 public:
  explicit FaultInjector(std::vector<Fault> faults);

  // The fault of the next answer to `path`: the first one that matches and has
  // answers left, which are counted down.
  std::optional<FaultKind> Take(absl::string_view path)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_FAULTS_H_
