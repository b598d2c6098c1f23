#include "ingest/frontier/host_limiter.h"

#include <algorithm>

namespace verso {
namespace {

constexpr int64_t kSlackDivisor = 10;

}  // namespace

ReservedStart HostLimiter::Reserve(const std::string& host,
                                   absl::Duration floor, absl::Time now) {
  HostState& state = hosts_[host];
  const absl::Duration interval =
      std::max(floor, absl::Microseconds(state.crawl_delay_micros()));
  const absl::Duration slack = interval / kSlackDivisor;
  const absl::Time start =
      std::max({now, absl::FromUnixMicros(state.closed_until_unix_micros()),
                absl::FromUnixMicros(state.last_start_unix_micros()) +
                    interval + slack});
  state.set_last_start_unix_micros(absl::ToUnixMicros(start));
  return {.start = start, .interval = interval, .good_for = slack};
}

void HostLimiter::SetCrawlDelay(const std::string& host, absl::Duration delay) {
  hosts_[host].set_crawl_delay_micros(absl::ToInt64Microseconds(delay));
}

void HostLimiter::CloseUntil(const std::string& host, absl::Time until) {
  HostState& state = hosts_[host];
  state.set_closed_until_unix_micros(
      std::max(state.closed_until_unix_micros(), absl::ToUnixMicros(until)));
}

HostState HostLimiter::StateOf(const std::string& host) const {
  const auto it = hosts_.find(host);
  return it == hosts_.end() ? HostState() : it->second;
}

void HostLimiter::Restore(const std::string& host, const HostState& state) {
  hosts_[host] = state;
}

}  // namespace verso
