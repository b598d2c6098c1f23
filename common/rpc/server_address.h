#ifndef VERSO_COMMON_RPC_SERVER_ADDRESS_H_
#define VERSO_COMMON_RPC_SERVER_ADDRESS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// "host:port", "[::1]:port"; nullopt: something else.
struct HostPort {
  std::string host;  // Without brackets.
  int port = 0;      // In [0, 65535].
};
std::optional<HostPort> ParseHostPort(absl::string_view text);

// The path of "unix:/path"; nullopt: something else.
std::optional<std::string> UnixSocketPath(absl::string_view text);

// Whether a location is a server (one of these two) rather than a directory.
bool IsServerAddress(absl::string_view location);

}  // namespace verso

#endif  // VERSO_COMMON_RPC_SERVER_ADDRESS_H_
