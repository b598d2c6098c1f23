#include "common/base/text_proto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/run.pb.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::StartsWith;
using ::verso::testing::StatusIs;

TEST(TextProtoTest, ReadsBackWhatItWrote) {
  TrainConfig config;
  config.set_model("a \"name\"\n");
  config.set_learning_rate(1e-6);
  TrainConfig read;
  ASSERT_OK(ParseTextProto(ToTextProto(config), "f", read));
  EXPECT_EQ(read.SerializeAsString(), config.SerializeAsString());
}

TEST(TextProtoTest, NamesTheFileAndThePlaceAndPrintsNothing) {
  TrainConfig config;
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(
      ParseTextProto("seed: 1\nno_such_field: 2", "dir/c.txt", config),
      StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("dir/c.txt:2:")));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(TextProtoTest, RefusesBytesThatAreNoText) {
  TrainConfig config;
  EXPECT_THAT(ParseTextProto(std::string("\x00\xff{{", 4), "f", config),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("f:1:")));
}

}  // namespace
}  // namespace verso
