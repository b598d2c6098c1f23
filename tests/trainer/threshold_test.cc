#include "trainer/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/wilson.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

// Some scores come more than once, as real ones do at the ends of the scale.
std::vector<HumanScore> RandomScores(std::mt19937& random) {
  const int sources = std::uniform_int_distribution<int>(1, 4)(random);
  std::normal_distribution<float> normal(-1, 3);
  std::vector<HumanScore> scores;
  for (int s = 0; s < sources; ++s) {
    const int n = std::uniform_int_distribution<int>(1, 90)(random);
    for (int i = 0; i < n; ++i) {
      scores.push_back(
          {absl::StrCat("s", s), std::round(normal(random) * 4) / 4});
    }
  }
  return scores;
}

bool Holds(const std::vector<HumanScore>& scores, double threshold,
           double alpha) {
  std::map<std::string, std::pair<int, int>> counts;
  for (const HumanScore& score : scores) {
    auto& [called, all] = counts[score.source];
    ++all;
    if (ProbabilityOf(score.logit) >= threshold) ++called;
  }
  for (const auto& [source, count] : counts) {
    if (static_cast<double>(count.first) / count.second > alpha) return false;
  }
  return true;
}

TEST(ThresholdTest, IsTheSmallestAtWhichNoSourceExceedsAlpha) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::vector<HumanScore> scores = RandomScores(random);
    const double alpha =
        std::uniform_int_distribution<int>(0, 20)(random) / 100.0;
    ASSERT_OK_AND_ASSIGN(const Threshold chosen,
                         ChooseThreshold(scores, alpha));
    EXPECT_TRUE(Holds(scores, chosen.probability, alpha));
    if (chosen.probability == 0) continue;
    EXPECT_FALSE(Holds(scores, std::nextafter(chosen.probability, 0.0), alpha));
  }
}

TEST(ThresholdTest, SaysTheRatesAtTheThreshold) {
  std::mt19937 random(2);
  const std::vector<HumanScore> scores = RandomScores(random);
  ASSERT_OK_AND_ASSIGN(const Threshold chosen, ChooseThreshold(scores, 0.1));
  for (const auto& [source, rate] : chosen.human_rates) {
    int64_t n = 0, called = 0;
    for (const HumanScore& score : scores) {
      if (score.source != source) continue;
      ++n;
      if (ProbabilityOf(score.logit) >= chosen.probability) ++called;
    }
    EXPECT_EQ(rate.samples, n);
    EXPECT_DOUBLE_EQ(rate.rate, static_cast<double>(called) / n);
    EXPECT_DOUBLE_EQ(rate.wilson_high, WilsonInterval(called, n).high);
  }
}

TEST(ThresholdTest, AllowsExactlyAlphaWhereTheCountIsWhole) {
  std::vector<HumanScore> scores;
  for (int i = 0; i < 60; ++i) scores.push_back({"wga", -1.0f * i});
  ASSERT_OK_AND_ASSIGN(const Threshold chosen, ChooseThreshold(scores, 0.05));
  EXPECT_DOUBLE_EQ(chosen.human_rates.at("wga").rate, 0.05);
}

TEST(ThresholdTest, TheWorstSourceDecides) {
  std::vector<HumanScore> scores(40, {"artbench", -5});
  scores.push_back({"wga", 2});
  ASSERT_OK_AND_ASSIGN(const Threshold chosen, ChooseThreshold(scores, 0.05));
  EXPECT_GT(chosen.probability, ProbabilityOf(2));
}

TEST(ThresholdTest, CallsNothingGeneratedWhereHumansAreSurelyGenerated) {
  ASSERT_OK_AND_ASSIGN(const Threshold chosen,
                       ChooseThreshold({{"wga", 100}}, 0.05));
  EXPECT_GT(chosen.probability, 1);
}

TEST(ThresholdTest, NeedsHumanPictures) {
  EXPECT_THAT(ChooseThreshold({}, 0.05),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no picture by a human")));
}

TEST(ThresholdTest, RefusesALogitThatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(ChooseThreshold({{"wga", nan}}, 0.05),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wga")));
}

TEST(ThresholdTest, RefusesAnAlphaOutOfRange) {
  EXPECT_THAT(ChooseThreshold({{"wga", 0}}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// From statsmodels' proportion_confint(method="wilson").
}  // namespace
}  // namespace verso
