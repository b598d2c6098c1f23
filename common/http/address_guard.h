#ifndef VERSO_COMMON_HTTP_ADDRESS_GUARD_H_
#define VERSO_COMMON_HTTP_ADDRESS_GUARD_H_

#include <sys/socket.h>

#include "absl/strings/string_view.h"

namespace verso {

// True for addresses of the public Internet alone: not for those of IANA's
// special-purpose registries (the table in the source), for multicast, or for
// IPv6 addresses that wrap an IPv4 one (mapped, compatible, NAT64, 6to4,
// Teredo), whatever it is. Anything but IPv4 and IPv6 is false.
bool IsGlobalAddress(const sockaddr& address);

// The same for an address in text, as inet_pton(3) reads it. Text that is no
// address, or has a zone ("fe80::1%eth0"), is false.
bool IsGlobalAddress(absl::string_view address);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_ADDRESS_GUARD_H_
