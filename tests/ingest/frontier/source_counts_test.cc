#include "ingest/frontier/source_counts.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000'000);

SourceCounts Fetched(int64_t count) {
  SourceCounts counts;
  counts.set_fetched(count);
  return counts;
}

TEST(SourceCountsTest, SumsAreAddedAndQueuedIsLeftAlone) {
  SourceCounts counts;
  counts.set_queued(7);
  counts.set_stored(1);
  (*counts.mutable_refused())["html"] = 1;
  SourceCounts delta;
  delta.set_queued(100);
  delta.set_stored(2);
  delta.set_unchanged(3);
  (*delta.mutable_refused())["html"] = 4;
  AddCounts(delta, counts);
  EXPECT_EQ(counts.queued(), 7);
  EXPECT_EQ(counts.stored(), 3);
  EXPECT_EQ(counts.unchanged(), 3);
  EXPECT_EQ(counts.refused().at("html"), 5);
}

TEST(SourceCountsTest, WhatReachedTheStoreCountsTowardsALimit) {
  SourceCounts counts;
  counts.set_fetched(9);
  counts.set_stored(1);
  counts.set_duplicate(2);
  counts.set_quarantined(3);
  EXPECT_EQ(TotalAppended(counts), 6);
}

TEST(SourceCountsTest, ASteadyRateIsTold) {
  SourceStatus status;
  for (int second = 0; second <= 100; ++second) {
    AddProgress(Fetched(10), kStart + absl::Seconds(second), status);
  }
  EXPECT_NEAR(ImagesPerSecond(status, kStart + absl::Seconds(100)), 10, 1.5);
}

TEST(SourceCountsTest, NothingNewMeansNoRate) {
  SourceStatus status;
  AddProgress(Fetched(10), kStart, status);
  EXPECT_EQ(ImagesPerSecond(status, kStart + absl::Minutes(5)), 0);
  EXPECT_EQ(ImagesPerSecond(SourceStatus(), kStart), 0);
}

TEST(SourceCountsTest, ARateOfLongAgoIsForgotten) {
  SourceStatus status;
  for (int second = 0; second <= 60; ++second) {
    AddProgress(Fetched(1000), kStart + absl::Seconds(second), status);
  }
  AddProgress(Fetched(1), kStart + absl::Hours(1), status);
  EXPECT_LE(ImagesPerSecond(status, kStart + absl::Hours(1)), 1);
}

}  // namespace
}  // namespace verso
