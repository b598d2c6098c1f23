#include "evaluator/intervals.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace verso {
namespace {

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
