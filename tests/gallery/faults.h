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

// How an answer goes wrong; in quotes as faults are written. README.md says
// which fault of which real site each one replays.
enum class FaultKind {
  // In place of the answer:
  kStatus,        // "304", "401", "403", "404", "422", "429-bare", "500",
                  // "503", "504": that status, and a page
  kRetrySeconds,  // "429": with a Retry-After of one second
  kRetryDate,     // "429-date": with a Retry-After that is an HTTP date
  kHtml,          // "html": 200 with a page, whatever was asked for
  kLoop,          // "loop": a redirect to the same path
  kMoved,         // "moved": a redirect to a path where the answer lies
  kSame,          // "same": the same small picture, wherever it is asked for
  kAlpha,         // "alpha": a WebP picture with an alpha channel
  kDisallow,      // "disallow": a robots.txt that forbids all
  kCrawlDelay,    // "crawl-delay": one that asks for a second between requests
  // The answer, spoiled:
  kHalf,          // "half": the body stops half-way, then the connection ends
  kCut,           // "cut": half the body under a length that says so
  kDamaged,       // "damaged": the byte in the middle is another one
  kDrip,          // "drip": ten bytes a second
  kDelay,         // "delay": a second late
  kNoai,          // "noai": X-Robots-Tag forbids training to all
  kNoaiForUs,     // "noai-verso": to verso
  kNoaiForOther,  // "noai-other": to another crawler
  kAsPng,         // "as-png": named a PNG, whatever it is
};

struct FaultType {
  FaultKind kind = FaultKind::kStatus;
  int status = 404;  // Of kStatus.
  friend bool operator==(const FaultType&, const FaultType&) = default;
};

struct Fault {
  std::string path_prefix;
  FaultType type;
  int64_t count = std::numeric_limits<int64_t>::max();  // Answers left.
};

// "PATH_PREFIX=KIND[:COUNT]", several parted by commas; "" is none.
// kInvalidArgument: not of this form; says what was expected.
absl::StatusOr<std::vector<Fault>> ParseFaults(absl::string_view text);

// All kinds, as they are written: "304, 401, ...".
std::string FaultKinds();

// Says which answers go wrong. Thread-safe.
class FaultInjector {
 public:
  explicit FaultInjector(std::vector<Fault> faults);

  // The fault of the next answer to `path`: the first one that matches and has
  // answers left, which are counted down.
  std::optional<FaultType> Take(absl::string_view path)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_FAULTS_H_
