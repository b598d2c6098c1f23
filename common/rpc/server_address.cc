#include "common/rpc/server_address.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace verso {

std::optional<HostPort> ParseHostPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || absl::StrContains(text, "/")) {
    return std::nullopt;
  }
  absl::string_view host = text.substr(0, colon);
  HostPort parsed;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &parsed.port) ||
      parsed.port < 0 || parsed.port > 65535) {
    return std::nullopt;
  }
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return std::nullopt;
  } else if (absl::StrContains(host, ":")) {
    return std::nullopt;  // A bare IPv6 address: where would its port begin?
  }
  if (host.empty()) return std::nullopt;
  parsed.host = std::string(host);
  return parsed;
}

std::optional<std::string> UnixSocketPath(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "unix:") || text.empty()) {
    return std::nullopt;
  }
  return std::string(text);
}

bool IsServerAddress(absl::string_view location) {
  return UnixSocketPath(location).has_value() ||
         ParseHostPort(location).has_value();
}

}  // namespace verso
