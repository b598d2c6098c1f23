#include "ingest/cluster/k_means.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ingest/cluster/feature_blobs.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using testing::BlobVector;
using testing::kBlobDimensions;
using testing::StatusIs;

// Row i is of group i % groups.
std::vector<float> Blobs(int groups, int rows) {
  std::vector<float> values;
  for (int i = 0; i < rows; ++i) {
    const std::vector<float> row = BlobVector(i % groups, i);
    values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

std::vector<float> Noise(int rows, int dimensions) {
  std::mt19937 random(5);
  std::vector<float> values(rows * dimensions);
  for (float& value : values) value = static_cast<float>(random() % 1000);
  return values;
}

double SquaredDistance(const float* a, const float* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += double{a[i] - b[i]} * (a[i] - b[i]);
  return sum;
}

TEST(NormalizeRowsTest, GivesEachRowLengthOneAndLeavesZeros) {
  std::vector<float> values = {3, 4, 0, 0, 1e-20f, 0};
  NormalizeRows(2, absl::MakeSpan(values));
  EXPECT_THAT(values, ::testing::Pointwise(::testing::FloatNear(1e-6),
                                           {0.6f, 0.8f, 0.f, 0.f, 1.f, 0.f}));
}

TEST(DefaultClustersTest, IsTheRootOfHalfTheRowsWithinBounds) {
  EXPECT_EQ(DefaultClusters(1), 2);
  EXPECT_EQ(DefaultClusters(2400), 35);
  EXPECT_EQ(DefaultClusters(1'000'000), 707);
  EXPECT_EQ(DefaultClusters(100'000'000), 1000);
}

TEST(KMeansTest, FindsPlantedGroups) {
  const std::vector<float> values = Blobs(6, 300);
  ASSERT_OK_AND_ASSIGN(const KMeansResult result,
                       KMeans(values, kBlobDimensions, {.clusters = 6}));
  EXPECT_EQ(result.clusters, 6);
  std::map<int, int32_t> cluster_of;
  std::set<int32_t> used;
  for (int i = 0; i < 300; ++i) {
    const auto [it, first] = cluster_of.emplace(i % 6, result.cluster[i]);
    EXPECT_EQ(it->second, result.cluster[i]) << i;
    used.insert(result.cluster[i]);
  }
  EXPECT_EQ(used.size(), 6u);
}

TEST(KMeansTest, EveryRowIsWithItsNearestCentreAtTheDistanceStated) {
  constexpr int kRows = 400, kD = 7, kClusters = 9;
  const std::vector<float> values = Noise(kRows, kD);
  ASSERT_OK_AND_ASSIGN(const KMeansResult result,
                       KMeans(values, kD, {.clusters = kClusters}));
  ASSERT_EQ(result.clusters, kClusters);
  double inertia = 0;
  for (int i = 0; i < kRows; ++i) {
    double least = HUGE_VAL;
    for (int c = 0; c < kClusters; ++c) {
      least = std::min(
          least, SquaredDistance(&values[i * kD], &result.centres[c * kD], kD));
    }
    const double own = SquaredDistance(
        &values[i * kD], &result.centres[result.cluster[i] * kD], kD);
    EXPECT_NEAR(own, least, 1e-5 * (1 + least)) << i;
    EXPECT_NEAR(result.distance[i], std::sqrt(own), 1e-3) << i;
    inertia += own;
  }
  EXPECT_NEAR(result.inertia, inertia, 1e-4 * inertia);
}

TEST(KMeansTest, EveryCentreIsTheMeanOfItsRows) {
  const std::vector<float> values = Blobs(6, 300);
  ASSERT_OK_AND_ASSIGN(const KMeansResult result,
                       KMeans(values, kBlobDimensions, {.clusters = 6}));
  for (int c = 0; c < 6; ++c) {
    std::vector<double> mean(kBlobDimensions);
    for (int i = 0; i < 300; ++i) {
      if (result.cluster[i] != c) continue;
      for (int j = 0; j < kBlobDimensions; ++j) {
        mean[j] += values[i * kBlobDimensions + j] / 50.0;
      }
    }
    for (int j = 0; j < kBlobDimensions; ++j) {
      EXPECT_NEAR(result.centres[c * kBlobDimensions + j], mean[j], 1e-5);
    }
  }
}

TEST(KMeansTest, NoRoundMakesItWorse) {
  const std::vector<float> values = Noise(500, 8);
  std::vector<double> inertias;
  ASSERT_OK(
      KMeans(values, 8, {.clusters = 12, .on_round = [&](int, double inertia) {
                           inertias.push_back(inertia);
                           return absl::OkStatus();
                         }}));
  ASSERT_GT(inertias.size(), 2u);
  for (size_t i = 1; i < inertias.size(); ++i) {
    EXPECT_LE(inertias[i], inertias[i - 1] * (1 + 1e-6)) << i;
  }
}

TEST(KMeansTest, TheSameSeedGivesTheSameResult) {
  const std::vector<float> values = Noise(700, 8);
  ASSERT_OK_AND_ASSIGN(const KMeansResult one,
                       KMeans(values, 8, {.clusters = 11}));
  ASSERT_OK_AND_ASSIGN(const KMeansResult again,
                       KMeans(values, 8, {.clusters = 11}));
  EXPECT_EQ(one.cluster, again.cluster);
  EXPECT_EQ(one.distance, again.distance);
  EXPECT_EQ(one.centres, again.centres);
  EXPECT_EQ(one.inertia, again.inertia);
}

TEST(KMeansTest, AnotherSeedBeginsElsewhere) {
  const std::vector<float> values = Noise(300, 8);
  ASSERT_OK_AND_ASSIGN(const KMeansResult a,
                       KMeans(values, 8, {.clusters = 8, .seed = 1}));
  ASSERT_OK_AND_ASSIGN(const KMeansResult b,
                       KMeans(values, 8, {.clusters = 8, .seed = 2}));
  EXPECT_NE(a.cluster, b.cluster);
}

TEST(KMeansTest, NumbersClustersBySize) {
  // 5 rows of one group, 20 of another.
  std::vector<float> values;
  for (int i = 0; i < 25; ++i) {
    const std::vector<float> row = BlobVector(i < 5 ? 0 : 1, i);
    values.insert(values.end(), row.begin(), row.end());
  }
  ASSERT_OK_AND_ASSIGN(const KMeansResult result,
                       KMeans(values, kBlobDimensions, {.clusters = 2}));
  for (int i = 0; i < 25; ++i) EXPECT_EQ(result.cluster[i], i < 5 ? 1 : 0);
}

TEST(KMeansTest, MakesNoEmptyClusterOfRowsThatCoincide) {
  const std::vector<float> values = {1, 2, 1, 2, 1, 2, 5, 6};
  ASSERT_OK_AND_ASSIGN(const KMeansResult result,
                       KMeans(values, 2, {.clusters = 4}));
  EXPECT_EQ(result.clusters, 2);
  EXPECT_EQ(result.cluster, (std::vector<int32_t>{0, 0, 0, 1}));
  EXPECT_EQ(result.inertia, 0);
}

TEST(KMeansTest, StopsWhenItIsTold) {
  const std::vector<float> values = Noise(50, 4);
  EXPECT_THAT(
      KMeans(values, 4,
             {.clusters = 3,
              .on_round =
                  [](int, double) { return absl::CancelledError("stopped"); }}),
      StatusIs(absl::StatusCode::kCancelled));
}

TEST(KMeansTest, RefusesNoRowsAndNoClusters) {
  EXPECT_THAT(KMeans({}, 4, {}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(KMeans({1, 2}, 2, {.clusters = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace verso
