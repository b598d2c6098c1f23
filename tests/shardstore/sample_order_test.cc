#include "shardstore/sample_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace verso {
namespace {

std::vector<uint64_t> OrderOf(uint64_t n, uint64_t seed, uint64_t epoch) {
  const SampleOrder order(n, seed, epoch);
  std::vector<uint64_t> samples;
  for (uint64_t i = 0; i < n; ++i) samples.push_back(order.SampleAt(i));
  return samples;
}

bool IsPermutation(const std::vector<uint64_t>& samples) {
  std::vector<bool> seen(samples.size(), false);
  for (const uint64_t sample : samples) {
    if (sample >= samples.size() || seen[sample]) return false;
    seen[sample] = true;
  }
  return true;
}

// Pearson's statistic of equal chances.
double ChiSquare(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (const int count : counts) {
    sum += (count - expected) * (count - expected) / expected;
  }
  return sum;
}

TEST(SampleOrderTest, IsAPermutationOfEverySizeUpTo2000) {
  for (uint64_t n = 1; n <= 2000; ++n) {
    for (const uint64_t seed : {0u, 1u, 12345u}) {
      ASSERT_TRUE(IsPermutation(OrderOf(n, seed, seed % 3)))
          << "n=" << n << " seed=" << seed;
    }
  }
}

TEST(SampleOrderTest, IsAPermutationAroundPowersOfFour) {
  for (const uint64_t power : {4096u, 16384u, 65536u}) {
    for (const uint64_t n : {power - 1, power, power + 1}) {
      ASSERT_TRUE(IsPermutation(OrderOf(n, 7, 0))) << n;
    }
  }
}

TEST(SampleOrderTest, NeverChanges) {
  // Runs are repeated years later. The values are those of a second program,
  // written in another language from the header's description.
  EXPECT_EQ(OrderOf(10, 1, 0),
            (std::vector<uint64_t>{4, 9, 6, 2, 5, 8, 7, 0, 3, 1}));
  EXPECT_EQ(SampleOrder(10'000'000'000, 42, 3).SampleAt(9'999'999'999),
            6'526'142'864u);
}

TEST(SampleOrderTest, EveryEpochAndSeedHasItsOwnOrder) {
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t epoch = 0; epoch < 20; ++epoch) {
      orders.insert(OrderOf(100, seed, epoch));
    }
  }
  EXPECT_EQ(orders.size(), 400u);
}

TEST(SampleOrderTest, EverySampleIsFirstEquallyOften) {
  constexpr int kDraws = 20000;
  for (const int n : {2, 3, 5, 10, 17, 100}) {
    std::vector<int> counts(n, 0);
    for (int seed = 0; seed < kDraws; ++seed) {
      ++counts[SampleOrder(n, seed, 0).SampleAt(0)];
    }
    // Mean + 5 standard deviations of a chi-square with n - 1 degrees.
    EXPECT_LT(ChiSquare(counts, 1.0 * kDraws / n),
              n - 1 + 5 * std::sqrt(2.0 * (n - 1)))
        << n;
  }
}

TEST(SampleOrderTest, NeighboursAreSpreadEqually) {
  constexpr int n = 20;
  constexpr int kDraws = 40000;
  std::vector<int> distances(n, 0);  // From one position to the next.
  for (int epoch = 0; epoch < kDraws; ++epoch) {
    const SampleOrder order(n, 9, epoch);
    ++distances[(n + order.SampleAt(1) - order.SampleAt(0)) % n];
  }
  EXPECT_EQ(distances[0], 0);
  distances.erase(distances.begin());
  EXPECT_LT(ChiSquare(distances, kDraws / (n - 1.0)),
            n - 2 + 5 * std::sqrt(2.0 * (n - 2)));
}

TEST(SampleOrderTest, TenThousandMillionSamplesCostNoMore) {
  constexpr uint64_t n = 10'000'000'000;
  const SampleOrder order(n, 5, 0);
  std::set<uint64_t> samples;
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t sample = order.SampleAt(i * 99'991);
    ASSERT_LT(sample, n);
    samples.insert(sample);
  }
  EXPECT_EQ(samples.size(), 100'000u);
}

TEST(SampleOrderTest, TheLargestSizeWorks) {
  const uint64_t n = uint64_t{1} << 62;
  const SampleOrder order(n, 5, 0);
  EXPECT_LT(order.SampleAt(0), n);
  EXPECT_NE(order.SampleAt(0), order.SampleAt(n - 1));
}

}  // namespace
}  // namespace verso
