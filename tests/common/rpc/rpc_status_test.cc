#include "common/rpc/rpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

RpcPeer Peer(const std::string& address) {
  return {.name = "the store server",
          .address = address,
          .start = "bazel run //shardstore -- serve"};
}

TEST(RpcStatusTest, CodeAndMessageComeBack) {
  for (const absl::Status& status :
       {absl::NotFoundError("no snapshot x"), absl::DataLossError("shard 3"),
        absl::InvalidArgumentError("source[1]"), absl::OkStatus()}) {
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status), Peer("here")), status);
  }
}

TEST(RpcStatusTest, AMessageTooLongForAHeaderIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 20'000) text += "\xc3\xa9";
  const std::string sent =
      ToGrpcStatus(absl::InternalError("x" + text)).error_message();
  EXPECT_LT(sent.size(), 4096u);
  EXPECT_EQ(sent.substr(sent.size() - 5), "\xc3\xa9...");
}

TEST(RpcStatusTest, AServerOfAnotherKindIsSaidToBeNone) {
  EXPECT_THAT(
      FromGrpcStatus(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""),
                     Peer("host:7701")),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("host:7701"), HasSubstr("the store server"))));
}

TEST(RpcStatusTest, AServerThatIsAwayIsNamedWithTheRemedy) {
  for (const auto code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED}) {
    EXPECT_THAT(
        FromGrpcStatus(grpc::Status(code, "refused"), Peer("host:7701")),
        StatusIs(absl::StatusCode::kUnavailable,
                 AllOf(HasSubstr("host:7701"), HasSubstr("serve"))));
  }
}

}  // namespace
}  // namespace verso
