#include "common/http/address_guard.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

TEST(AddressGuardTest, PublicAddressesAreGlobal) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255",
        "192.167.255.255", "223.255.255.255", "2606:4700::1111",
        "2001:4860:4860::8888"}) {
    EXPECT_TRUE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, PrivateAndSpecialAddressesAreNot) {
  for (const char* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "127.0.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "2001:db8::1"}) {
    EXPECT_FALSE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, WrappedIpv4AddressesAreNot) {
  for (const char* address : {"::ffff:127.0.0.1", "::ffff:8.8.8.8",
                              "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1"}) {
    EXPECT_FALSE(IsGlobalAddress(address)) << address;
  }
}

TEST(AddressGuardTest, TextThatIsNoAddressIsNot) {
  EXPECT_FALSE(IsGlobalAddress("example.org"));
  EXPECT_FALSE(IsGlobalAddress(""));
}

}  // namespace
}  // namespace verso
