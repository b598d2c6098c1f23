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

  // Requests to `host` are at least `interval` apart from now on, if that is
  // more than before (Crawl-delay).
  void SlowDown(const std::string& host, absl::Duration interval)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Duration IntervalOf(const std::string& host) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // No start before `until` from now on (Retry-After).
  void Block(const std::string& host, absl::Time until)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Host {
    absl::Time next = absl::InfinitePast();
    absl::Duration interval;
  };
  Host& HostOf(const std::string& host) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const absl::Duration interval_;
  mutable absl::Mutex mu_;
  std::map<std::string, Host> hosts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_INGEST_HOST_LIMITER_H_
