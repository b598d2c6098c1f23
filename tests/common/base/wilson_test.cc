#include "common/base/wilson.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

// R: binom::binom.confint(k, n, methods = "wilson").
TEST(WilsonIntervalTest, AgreesWithPublishedValues) {
  const Interval five = WilsonInterval(5, 10);
  EXPECT_NEAR(five.low, 0.2365931, 1e-6);
  EXPECT_NEAR(five.high, 0.7634069, 1e-6);
  EXPECT_NEAR(WilsonInterval(5, 100).high, 0.1117505, 1e-6);
  const Interval one = WilsonInterval(1, 10);
  EXPECT_NEAR(one.low, 0.0178762, 1e-6);
  EXPECT_NEAR(one.high, 0.4041500, 1e-6);
}

TEST(WilsonIntervalTest, NoHitsStartAtZeroAndAllHitsEndAtOne) {
  EXPECT_EQ(WilsonInterval(0, 10).low, 0);
  EXPECT_NEAR(WilsonInterval(0, 10).high, 0.2775328, 1e-6);
  EXPECT_EQ(WilsonInterval(7, 7).high, 1);
  EXPECT_LT(WilsonInterval(7, 7).low, 1);
}

TEST(WilsonIntervalTest, HoldsTheRateAndMirrorsItsComplement) {
  for (int n = 1; n <= 60; ++n) {
    for (int k = 0; k <= n; ++k) {
      const Interval interval = WilsonInterval(k, n);
      const Interval mirror = WilsonInterval(n - k, n);
      const double rate = static_cast<double>(k) / n;
      EXPECT_LE(0, interval.low);
      EXPECT_LE(interval.low, rate);
      EXPECT_LE(rate, interval.high);
      EXPECT_LE(interval.high, 1);
      EXPECT_NEAR(interval.low, 1 - mirror.high, 1e-12);
    }
  }
}

}  // namespace
}  // namespace verso
