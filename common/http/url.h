#ifndef VERSO_COMMON_HTTP_URL_H_
#define VERSO_COMMON_HTTP_URL_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// The parts of an http or https URL, as libcurl reads them: what is checked
// here is what is fetched.
struct Url {
  std::string scheme;  // "http" or "https".
  std::string host;    // Lower case; an IPv6 address without brackets.
  int port = 0;        // The scheme's own when the URL names none.
  std::string path;    // From its first "/", as written (still encoded).
  std::string query;   // Without the "?"; empty when there is none.

  // "host:port": the key of limits and exemptions.
  std::string Authority() const;
};

// Longer ones are no pictures' (RFC 9110, 4.1 asks for 8000 bytes at least).
inline constexpr size_t kMaxUrlBytes = 8192;

// kInvalidArgument: not an absolute http or https URL, longer than
// kMaxUrlBytes, or it has a part for a user and a password, be it empty.
absl::StatusOr<Url> ParseUrl(absl::string_view url);

// `reference` (a Location header) as seen from `base`. kInvalidArgument as
// ParseUrl().
absl::StatusOr<std::string> ResolveUrl(absl::string_view base,
                                       absl::string_view reference);

// All but letters, digits and "-._~" as %XX (RFC 3986).
std::string PercentEncode(absl::string_view text);

// "localhost", 127.0.0.0/8 and ::1, by their names alone.
bool IsLoopbackHost(absl::string_view host);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_URL_H_
