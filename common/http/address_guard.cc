#include "common/http/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace verso {
namespace {

// Bytes in network order; of IPv4 the first four.
struct Range {
  uint8_t base[16];
  int prefix;  // Bits.
};

// The IANA IPv4 Special-Purpose Address Registry (RFC 6890), but for what it
// calls globally reachable: 192.31.196.0/24 and 192.175.48.0/24 (AS112),
// 192.52.193.0/24 (AMT). 192.0.0.9 and 192.0.0.10 (anycast) stay out too: no
// web site lies there.
constexpr Range kNotGlobal4[] = {
    {{0}, 8},              // 0.0.0.0/8, this network: RFC 791
    {{10}, 8},             // 10.0.0.0/8, private: RFC 1918
    {{100, 64}, 10},       // 100.64.0.0/10, shared (CGNAT): RFC 6598
    {{127}, 8},            // 127.0.0.0/8, loopback: RFC 1122
    {{169, 254}, 16},      // 169.254.0.0/16, link-local: RFC 3927
    {{172, 16}, 12},       // 172.16.0.0/12, private: RFC 1918
    {{192, 0, 0}, 24},     // 192.0.0.0/24, protocol assignments: RFC 6890
    {{192, 0, 2}, 24},     // 192.0.2.0/24, documentation: RFC 5737
    {{192, 88, 99}, 24},   // 192.88.99.0/24, 6to4 relays: RFC 7526
    {{192, 168}, 16},      // 192.168.0.0/16, private: RFC 1918
    {{198, 18}, 15},       // 198.18.0.0/15, benchmarks: RFC 2544
    {{198, 51, 100}, 24},  // 198.51.100.0/24, documentation: RFC 5737
    {{203, 0, 113}, 24},   // 203.0.113.0/24, documentation: RFC 5737
    {{224}, 4},            // 224.0.0.0/4, multicast: RFC 5771
    {{240}, 4},            // 240.0.0.0/4, reserved, broadcast: RFC 1112
};

// The only global unicast space that is assigned (IANA IPv6 Address Space).
// Outside of it lie, among others, ::/128, ::1/128, IPv4-compatible ::/96 and
// -mapped ::ffff:0:0/96 (RFC 4291), NAT64 64:ff9b::/96 (RFC 6052) and
// 64:ff9b:1::/48 (RFC 8215), discard 100::/64 (RFC 6666), SRv6 5f00::/16 (RFC
// 9602), unique-local fc00::/7 (RFC 4193), link-local fe80::/10, site-local
// fec0::/10 (RFC 3879) and multicast ff00::/8.
constexpr Range kGlobal6 = {{0x20}, 3};  // 2000::/3

// What the IANA IPv6 Special-Purpose Address Registry takes out of that.
constexpr Range kNotGlobal6[] = {
    // 2001::/23, protocol assignments, RFC 2928: Teredo 2001::/32 (RFC 4380),
    // benchmarks 2001:2::/48 (RFC 5180), ORCHID 2001:10::/28 (RFC 4843) and
    // 2001:20::/28 (RFC 7343).
    {{0x20, 0x01, 0x00}, 23},
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // 2001:db8::/32, documentation: RFC 3849
    {{0x20, 0x02}, 16},              // 2002::/16, 6to4: RFC 3056
    {{0x3F, 0xFE}, 16},              // 3ffe::/16, 6bone: RFC 3701
    {{0x3F, 0xFF, 0x00}, 20},        // 3fff::/20, documentation: RFC 9637
};

bool Contains(const Range& range, const uint8_t* address) {
  const int bytes = range.prefix / 8, bits = range.prefix % 8;
  if (std::memcmp(range.base, address, static_cast<size_t>(bytes)) != 0) {
    return false;
  }
  return bits == 0 || (range.base[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

bool IsGlobal4(const in_addr& address) {
  uint8_t bytes[4];
  std::memcpy(bytes, &address, sizeof(bytes));
  for (const Range& range : kNotGlobal4) {
    if (Contains(range, bytes)) return false;
  }
  return true;
}

bool IsGlobal6(const in6_addr& address) {
  if (!Contains(kGlobal6, address.s6_addr)) return false;
  for (const Range& range : kNotGlobal6) {
    if (Contains(range, address.s6_addr)) return false;
  }
  return true;
}

}  // namespace

bool IsGlobalAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    return IsGlobal4(v4.sin_addr);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof(v6));
    return IsGlobal6(v6.sin6_addr);
  }
  return false;
}

bool IsGlobalAddress(absl::string_view address) {
  const std::string text(address);
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return IsGlobal4(v4);
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IsGlobal6(v6);
}

}  // namespace verso
