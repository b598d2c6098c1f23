#ifndef VERSO_INGEST_FRONTIER_HOST_LIMITER_H_
#define VERSO_INGEST_FRONTIER_HOST_LIMITER_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "proto/frontier.pb.h"

namespace verso {

// A start that was reserved at a host.
struct ReservedStart {
  absl::Time start;
  absl::Duration interval;  // The longer of the site's floor and Crawl-delay.
  // Whoever is later than this after `start` has to reserve again.
  absl::Duration good_for;
};

// Keeps a least interval between the starts of requests to one host. Starts are
// given out a tenth further apart than that and are good for this tenth, so
// that neither a late start nor a slow network brings two of them closer than
// the interval. Not thread-safe.
class HostLimiter {
 public:
  // Reserves the next free start for `host`, not before `now`.
  ReservedStart Reserve(const std::string& host, absl::Duration floor,
                        absl::Time now);

  // Requests to `host` are at least `delay` apart from now on (Crawl-delay).
  void SetCrawlDelay(const std::string& host, absl::Duration delay);

  // No start before `until` from now on (Retry-After).
  void CloseUntil(const std::string& host, absl::Time until);

  // What to keep, and what was kept, of a host.
  HostState StateOf(const std::string& host) const;
  void Restore(const std::string& host, const HostState& state);

 private:
  std::map<std::string, HostState> hosts_;
};

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_HOST_LIMITER_H_
