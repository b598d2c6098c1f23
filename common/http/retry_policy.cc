#include "common/http/retry_policy.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace verso {

bool IsRetryableHttpStatus(int http_status) {
  return http_status == 408 || http_status == 425 || http_status == 429 ||
         (http_status >= 500 && http_status <= 599);
}

bool IsRetryableError(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsDataLoss(status);
}

absl::Duration BackoffDelay(int tries_so_far, absl::Duration base,
                            absl::Duration cap, double jitter) {
  const int doublings = std::clamp(tries_so_far - 1, 0, 30);
  const absl::Duration longest =
      std::min(cap, base * (int64_t{1} << doublings));
  return longest * (0.5 + jitter / 2);
}

std::optional<absl::Time> ParseRetryAfter(absl::string_view value,
                                          absl::Time now) {
  value = absl::StripAsciiWhitespace(value);
  if (value.empty()) return std::nullopt;
  int64_t seconds = 0;
  if (absl::SimpleAtoi(value, &seconds)) {
    if (seconds < 0) return std::nullopt;
    return now + std::min(absl::Seconds(seconds), kLongestRetryAfter);
  }
  const time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::clamp(absl::FromTimeT(date), now, now + kLongestRetryAfter);
}

}  // namespace verso
