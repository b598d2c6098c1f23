#include "common/http/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace verso {
namespace {

struct Range4 {
  uint32_t base;
  int prefix;
};

constexpr Range4 kNotGlobal4[] = {
    {0x00000000, 8},   // 0.0.0.0/8, this network
    {0x0A000000, 8},   // 10.0.0.0/8, private
    {0x64400000, 10},  // 100.64.0.0/10, shared
    {0x7F000000, 8},   // 127.0.0.0/8, loopback
    {0xA9FE0000, 16},  // 169.254.0.0/16, link-local
    {0xAC100000, 12},  // 172.16.0.0/12, private
    {0xC0000000, 24},  // 192.0.0.0/24, protocol assignments
    {0xC0000200, 24},  // 192.0.2.0/24, documentation
    {0xC0586300, 24},  // 192.88.99.0/24, 6to4 relays
    {0xC0A80000, 16},  // 192.168.0.0/16, private
    {0xC6120000, 15},  // 198.18.0.0/15, benchmarks
    {0xC6336400, 24},  // 198.51.100.0/24, documentation
    {0xCB007100, 24},  // 203.0.113.0/24, documentation
    {0xE0000000, 3},   // 224.0.0.0/3, multicast and reserved
};

bool IsGlobal4(uint32_t address) {
  for (const Range4& range : kNotGlobal4) {
    if ((address ^ range.base) >> (32 - range.prefix) == 0) return false;
  }
  return true;
}

// Only 2000::/3 is global unicast; inside it the wrapping and the special
// ranges are taken out.
bool IsGlobal6(const in6_addr& address) {
  const uint8_t* b = address.s6_addr;
  if ((b[0] & 0xE0) != 0x20) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;  // 2001::/23
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) {
    return false;  // 2001:db8::/32, documentation
  }
  if (b[0] == 0x20 && b[1] == 0x02) return false;  // 2002::/16, 6to4
  if (b[0] == 0x3F && (b[1] == 0xFF && b[2] < 0x10)) return false;  // 3fff::/20
  return true;
}

}  // namespace

bool IsGlobalAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    return IsGlobal4(ntohl(v4.sin_addr.s_addr));
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
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return IsGlobal4(ntohl(v4.s_addr));
  }
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IsGlobal6(v6);
}

}  // namespace verso
