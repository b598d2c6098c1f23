#ifndef VERSO_COMMON_HTTP_ADDRESS_GUARD_H_
#define VERSO_COMMON_HTTP_ADDRESS_GUARD_H_

#include <sys/socket.h>

#include "absl/strings/string_view.h"

namespace verso {

// True for addresses of the public Internet alone. Loopback, private,
// link-local, shared (CGNAT), multicast, documentation, benchmark and reserved
// ranges are not, nor are the forms that wrap an IPv4 address (mapped, NAT64,
// 6to4, Teredo): IANA's special-purpose registries, read conservatively.
// Anything but IPv4 and IPv6 is false.
bool IsGlobalAddress(const sockaddr& address);

// The same for an address in text, as inet_pton(3) reads it.
bool IsGlobalAddress(absl::string_view address);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_ADDRESS_GUARD_H_
