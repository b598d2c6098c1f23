#ifndef VERSO_INGEST_HOST_LIMITER_H_
#define VERSO_INGEST_HOST_LIMITER_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace verso {

// Keeps a minimum interval between the starts of requests to one host.
// Thread-safe.
class HostLimiter {
 public:
  explicit HostLimiter(absl::Duration interval) : interval_(interval) {}

  // Reserves the next free start for `host` and says when it is; not before
  // `now`.
  absl::Time Reserve(const std::string& host, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);

  // No start before `until` from now on (Retry-After).
  void Block(const std::string& host, absl::Time until)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const absl::Duration interval_;
  absl::Mutex mu_;
  std::map<std::string, absl::Time> next_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_INGEST_HOST_LIMITER_H_
