#include "ingest/host_limiter.h"

#include <algorithm>

namespace verso {

absl::Time HostLimiter::Reserve(const std::string& host, absl::Time now) {
  absl::MutexLock lock(&mu_);
  absl::Time& next =
      next_.try_emplace(host, absl::InfinitePast()).first->second;
  const absl::Time start = std::max(now, next);
  next = start + interval_;
  return start;
}

void HostLimiter::Block(const std::string& host, absl::Time until) {
  absl::MutexLock lock(&mu_);
  absl::Time& next =
      next_.try_emplace(host, absl::InfinitePast()).first->second;
  next = std::max(next, until);
}

}  // namespace verso
