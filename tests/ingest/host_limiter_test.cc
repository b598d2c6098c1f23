#include "ingest/host_limiter.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000'000);

TEST(HostLimiterTest, StartsToOneHostLieTheIntervalApart) {
  HostLimiter limiter(absl::Seconds(5));
  EXPECT_EQ(limiter.Reserve("a:80", kNow), kNow);
  EXPECT_EQ(limiter.Reserve("a:80", kNow), kNow + absl::Seconds(5));
  EXPECT_EQ(limiter.Reserve("a:80", kNow), kNow + absl::Seconds(10));
}

TEST(HostLimiterTest, HostsDoNotWaitForEachOther) {
  HostLimiter limiter(absl::Seconds(5));
  EXPECT_EQ(limiter.Reserve("a:80", kNow), kNow);
  EXPECT_EQ(limiter.Reserve("b:80", kNow), kNow);
}

TEST(HostLimiterTest, ABlockedHostWaitsUntilThen) {
  HostLimiter limiter(absl::Seconds(5));
  limiter.Block("a:80", kNow + absl::Minutes(1));
  EXPECT_EQ(limiter.Reserve("a:80", kNow), kNow + absl::Minutes(1));
  limiter.Block("a:80", kNow);  // Never makes it sooner.
  EXPECT_EQ(limiter.Reserve("a:80", kNow),
            kNow + absl::Minutes(1) + absl::Seconds(5));
}

TEST(HostLimiterTest, AHostMayAskForMoreTimeButNotForLess) {
  HostLimiter limiter(absl::Seconds(2));
  EXPECT_EQ(limiter.Reserve("a", kNow), kNow);
  limiter.SlowDown("a", absl::Seconds(5));
  EXPECT_EQ(limiter.Reserve("a", kNow), kNow + absl::Seconds(5));
  EXPECT_EQ(limiter.Reserve("a", kNow), kNow + absl::Seconds(10));
  limiter.SlowDown("a", absl::Seconds(1));
  EXPECT_EQ(limiter.IntervalOf("a"), absl::Seconds(5));
  EXPECT_EQ(limiter.IntervalOf("b"), absl::Seconds(2));
}

TEST(HostLimiterTest, AHostThatWasIdleOwesNothing) {
  HostLimiter limiter(absl::Seconds(5));
  limiter.Reserve("a:80", kNow);
  const absl::Time later = kNow + absl::Hours(1);
  EXPECT_EQ(limiter.Reserve("a:80", later), later);
}

}  // namespace
}  // namespace verso
