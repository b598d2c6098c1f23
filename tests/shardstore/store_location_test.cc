#include "shardstore/store_location.h"

#include <gtest/gtest.h>

#include <string>

#include "shardstore/grpc_status.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

TEST(StoreLocationTest, TellsServersFromDirectories) {
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

TEST(StoreLocationTest, SplitsHostAndPort) {
  EXPECT_EQ(ParseHostPort("localhost:7701")->host, "localhost");
  EXPECT_EQ(ParseHostPort("localhost:7701")->port, 7701);
  EXPECT_EQ(ParseHostPort("[::1]:1")->host, "::1");
}

TEST(GrpcStatusTest, CodeAndMessageComeBack) {
  for (const absl::Status& status :
       {absl::NotFoundError("no snapshot x"), absl::DataLossError("shard 3"),
        absl::InvalidArgumentError("source[1]"), absl::OkStatus()}) {
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status), "here"), status);
  }
}

TEST(GrpcStatusTest, AMessageTooLongForAHeaderIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 20'000) text += "\xc3\xa9";
  const std::string sent =
      ToGrpcStatus(absl::InternalError("x" + text)).error_message();
  EXPECT_LT(sent.size(), 4096u);
  EXPECT_EQ(sent.substr(sent.size() - 5), "\xc3\xa9...");
}

TEST(GrpcStatusTest, AServerThatIsAwayIsNamedWithTheRemedy) {
  for (const auto code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED}) {
    EXPECT_THAT(FromGrpcStatus(grpc::Status(code, "refused"), "host:7701"),
                StatusIs(absl::StatusCode::kUnavailable,
                         AllOf(HasSubstr("host:7701"), HasSubstr("serve"))));
  }
}

}  // namespace
}  // namespace verso
