#include "common/rpc/server_address.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

TEST(ServerAddressTest, TellsServersFromDirectories) {
  for (const char* server : {"127.0.0.1:7701", "localhost:0", "[::1]:7701",
                             "store.example:80", "unix:/tmp/s", "unix:s"}) {
    EXPECT_TRUE(IsServerAddress(server)) << server;
  }
  for (const char* directory :
       {"/data/store", "store", "./a:1", "dir/host:7701", "", "unix:", ":7701",
        "host:port", "host:70000", "host:-1", "::1:7701", "[::1:7701"}) {
    EXPECT_FALSE(IsServerAddress(directory)) << directory;
  }
}

TEST(ServerAddressTest, SplitsHostAndPort) {
  EXPECT_EQ(ParseHostPort("localhost:7701")->host, "localhost");
  EXPECT_EQ(ParseHostPort("localhost:7701")->port, 7701);
  EXPECT_EQ(ParseHostPort("[::1]:1")->host, "::1");
}

}  // namespace
}  // namespace verso
