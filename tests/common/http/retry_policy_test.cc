#include "common/http/retry_policy.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000'000);

TEST(RetryPolicyTest, OnlySomeStatusCodesAreTriedAgain) {
  for (const int again : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(IsRetryableHttpStatus(again)) << again;
  }
  for (const int final : {200, 304, 400, 401, 403, 404, 410, 422}) {
    EXPECT_FALSE(IsRetryableHttpStatus(final)) << final;
  }
}

TEST(RetryPolicyTest, OnlyFailuresOfTransportAreTriedAgain) {
  EXPECT_TRUE(IsRetryableError(absl::UnavailableError("")));
  EXPECT_TRUE(IsRetryableError(absl::DataLossError("")));
  EXPECT_TRUE(IsRetryableError(absl::DeadlineExceededError("")));
  EXPECT_FALSE(IsRetryableError(absl::PermissionDeniedError("")));
  EXPECT_FALSE(IsRetryableError(absl::CancelledError("")));
}

TEST(RetryPolicyTest, BackoffDoublesUpToItsCap) {
  const absl::Duration cap = absl::Seconds(60);
  EXPECT_EQ(BackoffDelay(1, absl::Seconds(2), cap, 0), absl::Seconds(1));
  EXPECT_EQ(BackoffDelay(3, absl::Seconds(2), cap, 0), absl::Seconds(4));
  EXPECT_EQ(BackoffDelay(3, absl::Seconds(2), cap, 0.5), absl::Seconds(6));
  EXPECT_EQ(BackoffDelay(1000, absl::Seconds(2), cap, 0), absl::Seconds(30));
}

TEST(RetryPolicyTest, ReadsRetryAfterInSecondsAndAsADate) {
  EXPECT_EQ(ParseRetryAfter("120", kNow), kNow + absl::Minutes(2));
  EXPECT_EQ(ParseRetryAfter("Sun, 09 Sep 2001 01:47:40 GMT", kNow),
            kNow + absl::Minutes(1));
}

TEST(RetryPolicyTest, ADateInThePastIsNow) {
  EXPECT_EQ(ParseRetryAfter("Sat, 08 Sep 2001 00:00:00 GMT", kNow), kNow);
}

TEST(RetryPolicyTest, NoSitePutsANextTryOffForLongerThanADay) {
  for (const char* far :
       {"86401", "9223372036854775807", "Fri, 31 Dec 2199 23:59:59 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(far, kNow), kNow + absl::Hours(24)) << far;
  }
}

TEST(RetryPolicyTest, NonsenseIsNoRetryAfter) {
  for (const char* bad : {"", "-5", "soon"}) {
    EXPECT_EQ(ParseRetryAfter(bad, kNow), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace verso
