#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/retry_policy.h"
#include "common/http/url.h"

namespace {

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

// A URL that passes is what it says: reading it again gives the same parts, and
// none of them can break out of a request's line.
void CheckUrl(absl::string_view text) {
  const auto url = verso::ParseUrl(text);
  if (!url.ok()) return;
  Check(url->scheme == "http" || url->scheme == "https");
  Check(!url->host.empty() && url->port >= 0 && url->port <= 65535);
  Check(text.find('\0') == absl::string_view::npos);
  Check(!url->path.empty() && url->path.front() == '/');
  for (const std::string& part : {url->path, url->query}) {
    for (const unsigned char c : part) Check(c > ' ' && c != 0x7F);
  }
}

}  // namespace

// The first line is a URL, the rest a Location that it answers with, or a
// Retry-After.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(bytes.find('\n'), bytes.size());
  const absl::string_view base = bytes.substr(0, line);
  const absl::string_view location =
      bytes.substr(std::min(line + 1, bytes.size()));
  CheckUrl(base);
  CheckUrl(location);
  const auto resolved = verso::ResolveUrl(base, location);
  if (resolved.ok()) {
    Check(verso::ParseUrl(*resolved).ok());
    CheckUrl(*resolved);
  }
  const absl::Time now = absl::FromUnixSeconds(1'000'000'000);
  const auto after = verso::ParseRetryAfter(location, now);
  if (after) {
    Check(*after >= now && *after <= now + verso::kLongestRetryAfter);
  }
  return 0;
}
