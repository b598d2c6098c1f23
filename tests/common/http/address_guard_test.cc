#include "common/http/address_guard.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace verso {
namespace {

// Each range by its first and last address.
TEST(AddressGuardTest, Ipv4RangesOfTheSpecialPurposeRegistryAreNotGlobal) {
  for (const char* address :
       {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",
        "10.255.255.255",  "100.64.0.0",      "100.127.255.255",
        "127.0.0.0",       "127.255.255.255", "169.254.0.0",
        "169.254.169.254", "169.254.255.255", "172.16.0.0",
        "172.31.255.255",  "192.0.0.0",       "192.0.0.255",
        "192.0.2.0",       "192.0.2.255",     "192.88.99.0",
        "192.88.99.255",   "192.168.0.0",     "192.168.255.255",
        "198.18.0.0",      "198.19.255.255",  "198.51.100.0",
        "198.51.100.255",  "203.0.113.0",     "203.0.113.255",
        "224.0.0.0",       "239.255.255.255", "240.0.0.0",
        "255.255.255.255"}) {
    EXPECT_FALSE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, TheirIpv4NeighboursAreGlobal) {
  for (const char* address :
       {"1.0.0.0",      "9.255.255.255",   "11.0.0.0",     "100.63.255.255",
        "100.128.0.0",  "126.255.255.255", "128.0.0.0",    "169.253.255.255",
        "169.255.0.0",  "172.15.255.255",  "172.32.0.0",   "191.255.255.255",
        "192.0.1.0",    "192.0.1.255",     "192.0.3.0",    "192.88.98.255",
        "192.88.100.0", "192.167.255.255", "192.169.0.0",  "198.17.255.255",
        "198.20.0.0",   "198.51.99.255",   "198.51.101.0", "203.0.112.255",
        "203.0.114.0",  "223.255.255.255"}) {
    EXPECT_TRUE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, Ipv6RangesOfTheSpecialPurposeRegistryAreNotGlobal) {
  for (const char* address : {"::",
                              "::1",
                              "100::",
                              "100::ffff:ffff:ffff:ffff",
                              "2001::",
                              "2001:1::1",
                              "2001:2::",
                              "2001:10::",
                              "2001:20::",
                              "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                              "2001:db8::",
                              "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                              "3ffe::1",
                              "3fff::",
                              "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                              "5f00::1",
                              "fc00::",
                              "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                              "fe80::",
                              "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                              "fec0::1",
                              "ff00::",
                              "ff02::1",
                              "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                              "4000::1",
                              "1fff::1"}) {
    EXPECT_FALSE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, AssignedIpv6UnicastAddressesAreGlobal) {
  for (const char* address :
       {"2001:200::", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1",
        "2003::1", "2606:4700::1111", "2a00::1", "3ffd::1", "3fff:1000::1"}) {
    EXPECT_TRUE(IsGlobalAddress(address)) << address;
  }
}

// Even where the IPv4 address inside is public: nobody has to come that way.
TEST(AddressGuardTest, AddressesThatWrapAnIpv4OneAreNotGlobal) {
  for (const char* address :
       {"::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8",
        "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8",
        "64:ff9b:1::10.0.0.7", "2002:7f00:1::", "2002:808:808::1",
        "2001::7f00:1", "2001:0:4136:e378:8000:63bf:f5ff:fff8"}) {
    EXPECT_FALSE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, TextThatIsNoAddressIsNotGlobal) {
  for (const char* text : {"example.org", "", "8.8.8", "0x8.8.8.8",
                           "2606:4700::1111%eth0", "[2606:4700::1111]"}) {
    EXPECT_FALSE(IsGlobalAddress(text)) << text;
  }
}

TEST(AddressGuardTest, ReadsTheAddressOfASocket) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x08080808);
  EXPECT_TRUE(IsGlobalAddress(reinterpret_cast<const sockaddr&>(v4)));
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_FALSE(IsGlobalAddress(reinterpret_cast<const sockaddr&>(v4)));
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  EXPECT_FALSE(IsGlobalAddress(reinterpret_cast<const sockaddr&>(v6)));
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(IsGlobalAddress(reinterpret_cast<const sockaddr&>(local)));
}

}  // namespace
}  // namespace verso
