#ifndef VERSO_COMMON_HTTP_RETRY_POLICY_H_
#define VERSO_COMMON_HTTP_RETRY_POLICY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace verso {

// 408, 425, 429 and 5xx: the same request may succeed later.
bool IsRetryableHttpStatus(int http_status);

// Failures of transport: no connection, too slow, or cut short.
bool IsRetryableError(const absl::Status& status);

// Waiting time before try number `tries_so_far` + 1: base * 2^(tries - 1), at
// most `cap`, times 0.5 + `jitter` / 2. `jitter` is drawn from [0, 1), so that
// clients spread out.
absl::Duration BackoffDelay(int tries_so_far, absl::Duration base,
                            absl::Duration cap, double jitter);

// No site may put an item off for longer than this.
inline constexpr absl::Duration kLongestRetryAfter = absl::Hours(24);

// When a Retry-After header allows the next try: seconds or an HTTP date
// (RFC 9110, 10.2.3), at most kLongestRetryAfter from `now`. nullopt: empty or
// not understood.
std::optional<absl::Time> ParseRetryAfter(absl::string_view value,
                                          absl::Time now);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_RETRY_POLICY_H_
