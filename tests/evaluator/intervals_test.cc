#include "evaluator/intervals.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace verso {
namespace {

// R: binom::binom.confint(k, n, methods = "wilson").
TEST(WilsonIntervalTest, AgreesWithPublishedValues) {
  const Interval five = WilsonInterval(5, 10);
  EXPECT_NEAR(five.low, 0.2365931, 1e-6);
  EXPECT_NEAR(five.high, 0.7634069, 1e-6);
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

TEST(BootstrapByWorkTest, NeedsTwoWorks) {
  EXPECT_FALSE(BootstrapByWork({}).has_value());
  EXPECT_FALSE(BootstrapByWork({{1, 2}}).has_value());
  EXPECT_TRUE(BootstrapByWork({{1, 2}, {2, 2}}).has_value());
}

TEST(BootstrapByWorkTest, TheSameWorksGiveTheSameInterval) {
  const std::vector<WorkCount> works = {{1, 3}, {0, 2}, {4, 4}, {1, 1}, {0, 5}};
  EXPECT_EQ(BootstrapByWork(works), BootstrapByWork(works));
}

TEST(BootstrapByWorkTest, WorksThatAgreeSayNothingAboutSpread) {
  EXPECT_FALSE(BootstrapByWork({{1, 2}, {2, 4}, {3, 6}}).has_value());
  EXPECT_FALSE(BootstrapByWork({{0, 2}, {0, 4}, {0, 6}}).has_value());
}

// With one picture a work, it is the ordinary bootstrap of a proportion, whose
// normal approximation is p +- 1.96 sqrt(p(1-p)/n).
TEST(BootstrapByWorkTest, SinglePicturesGiveTheUsualInterval) {
  std::vector<WorkCount> works(400);
  for (size_t i = 0; i < works.size(); ++i) works[i] = {i % 4 == 0, 1};
  const Interval interval = BootstrapByWork(works).value();
  EXPECT_NEAR(interval.low, 0.25 - 0.0424, 0.008);
  EXPECT_NEAR(interval.high, 0.25 + 0.0424, 0.008);
}

// Ten pictures of a work that are all alike tell as much as one.
TEST(BootstrapByWorkTest, ClusteredPicturesWidenTheInterval) {
  std::vector<WorkCount> single(400);
  std::vector<WorkCount> clustered(40);
  for (size_t i = 0; i < 400; ++i) single[i] = {i % 4 == 0, 1};
  for (size_t i = 0; i < 40; ++i) clustered[i] = {i % 4 == 0 ? 10 : 0, 10};
  const Interval narrow = BootstrapByWork(single).value();
  const Interval wide = BootstrapByWork(clustered).value();
  EXPECT_GT(wide.high - wide.low, 2 * (narrow.high - narrow.low));
}

}  // namespace
}  // namespace verso
