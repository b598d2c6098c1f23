#include "ingest/frontier/host_limiter.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000'000);
constexpr absl::Duration kFloor = absl::Seconds(10);

TEST(HostLimiterTest, StartsToOneHostLieATenthMoreThanTheIntervalApart) {
  HostLimiter limiter;
  EXPECT_EQ(limiter.Reserve("a:80", kFloor, kNow).start, kNow);
  EXPECT_EQ(limiter.Reserve("a:80", kFloor, kNow).start,
            kNow + absl::Seconds(11));
  EXPECT_EQ(limiter.Reserve("a:80", kFloor, kNow).start,
            kNow + absl::Seconds(22));
}

TEST(HostLimiterTest, AStartThatIsUsedAsLateAsAllowedKeepsTheInterval) {
  HostLimiter limiter;
  const ReservedStart first = limiter.Reserve("a", kFloor, kNow);
  const ReservedStart second = limiter.Reserve("a", kFloor, kNow);
  EXPECT_GE(second.start - (first.start + first.good_for), kFloor);
}

TEST(HostLimiterTest, HostsDoNotWaitForEachOther) {
  HostLimiter limiter;
  EXPECT_EQ(limiter.Reserve("a:80", kFloor, kNow).start, kNow);
  EXPECT_EQ(limiter.Reserve("b:80", kFloor, kNow).start, kNow);
}

TEST(HostLimiterTest, AClosedHostWaitsUntilThenAndIsNeverOpenedSooner) {
  HostLimiter limiter;
  limiter.CloseUntil("a", kNow + absl::Minutes(1));
  limiter.CloseUntil("a", kNow);
  EXPECT_EQ(limiter.Reserve("a", kFloor, kNow).start, kNow + absl::Minutes(1));
  EXPECT_EQ(limiter.Reserve("a", kFloor, kNow).start,
            kNow + absl::Minutes(1) + absl::Seconds(11));
}

TEST(HostLimiterTest, AHostMayAskForMoreTimeThanTheFloorButNotForLess) {
  HostLimiter limiter;
  limiter.Reserve("a", kFloor, kNow);
  limiter.SetCrawlDelay("a", absl::Seconds(20));
  EXPECT_EQ(limiter.Reserve("a", kFloor, kNow).start, kNow + absl::Seconds(22));
  limiter.SetCrawlDelay("a", absl::Seconds(1));
  EXPECT_EQ(limiter.Reserve("a", kFloor, kNow).interval, kFloor);
}

TEST(HostLimiterTest, TheFloorIsThatOfWhoAsks) {
  HostLimiter limiter;
  limiter.Reserve("a", absl::ZeroDuration(), kNow);
  EXPECT_EQ(limiter.Reserve("a", absl::ZeroDuration(), kNow).start, kNow);
  EXPECT_EQ(limiter.Reserve("a", kFloor, kNow).start, kNow + absl::Seconds(11));
}

TEST(HostLimiterTest, AHostThatWasIdleOwesNothing) {
  HostLimiter limiter;
  limiter.Reserve("a:80", kFloor, kNow);
  const absl::Time later = kNow + absl::Hours(1);
  EXPECT_EQ(limiter.Reserve("a:80", kFloor, later).start, later);
}

TEST(HostLimiterTest, WhatIsKeptOfAHostGoesOn) {
  HostLimiter before;
  before.SetCrawlDelay("a", absl::Seconds(20));
  before.Reserve("a", kFloor, kNow);
  HostLimiter after;
  after.Restore("a", before.StateOf("a"));
  EXPECT_EQ(after.Reserve("a", kFloor, kNow).start, kNow + absl::Seconds(22));
}

}  // namespace
}  // namespace verso
