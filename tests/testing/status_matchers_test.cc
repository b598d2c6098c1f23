#include "tests/testing/status_matchers.h"

#include "gtest/gtest-spi.h"

namespace verso {
namespace {

using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::IsOk;
using ::verso::testing::IsOkAndHolds;
using ::verso::testing::StatusIs;

const absl::Status kMissing = absl::NotFoundError("no store here");

TEST(StatusMatchersTest, IsOkTakesAStatusAndAStatusOr) {
  EXPECT_OK(absl::OkStatus());
  EXPECT_OK(absl::StatusOr<int>(3));
  EXPECT_THAT(kMissing, Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(kMissing), Not(IsOk()));
}

TEST(StatusMatchersTest, StatusIsComparesTheCodeAndTheMessage) {
  EXPECT_THAT(kMissing, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(kMissing, Not(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_THAT(absl::StatusOr<int>(kMissing),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("store")));
  EXPECT_THAT(kMissing,
              Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("run"))));
}

TEST(StatusMatchersTest, IsOkAndHoldsTakesAValueOrAMatcher) {
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(3));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(absl::StatusOr<int>(3), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<int>(kMissing), Not(IsOkAndHolds(3)));
}

TEST(StatusMatchersTest, AssignsTheValue) {
  ASSERT_OK_AND_ASSIGN(const int value, absl::StatusOr<int>(3));
  EXPECT_EQ(value, 3);
}

TEST(StatusMatchersTest, AFailureShowsTheMessage) {
  EXPECT_NONFATAL_FAILURE(EXPECT_OK(kMissing), "no store here");
  EXPECT_FATAL_FAILURE(
      {
        ASSERT_OK_AND_ASSIGN([[maybe_unused]] const int value,
                             absl::StatusOr<int>(kMissing));
      },
      "no store here");
}

}  // namespace
}  // namespace verso
