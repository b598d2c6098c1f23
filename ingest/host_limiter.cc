#include "ingest/host_limiter.h"

#include <algorithm>

namespace verso {

HostLimiter::Host& HostLimiter::HostOf(const std::string& host) {
  return hosts_.try_emplace(host, Host{.interval = interval_}).first->second;
}

absl::Time HostLimiter::Reserve(const std::string& host, absl::Time now) {
  absl::MutexLock lock(&mu_);
  Host& state = HostOf(host);
  const absl::Time start = std::max(now, state.next);
  state.next = start + state.interval;
  return start;
}

void HostLimiter::SlowDown(const std::string& host, absl::Duration interval) {
  absl::MutexLock lock(&mu_);
  Host& state = HostOf(host);
  if (interval <= state.interval) return;
  // A start that was given out already is followed by the new pause.
  state.next += interval - state.interval;
  state.interval = interval;
}

absl::Duration HostLimiter::IntervalOf(const std::string& host) const {
  absl::MutexLock lock(&mu_);
  const auto it = hosts_.find(host);
  return it == hosts_.end() ? interval_ : it->second.interval;
}

void HostLimiter::Block(const std::string& host, absl::Time until) {
  absl::MutexLock lock(&mu_);
  Host& state = HostOf(host);
  state.next = std::max(state.next, until);
}

}  // namespace verso
