#include "ingest/scrapers/artbench_counts.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

ArtbenchCounts Of(const char* text) { return ArtbenchCounts::FromText(text); }

TEST(ArtbenchCountsTest, CountsBySplitAndStyle) {
  ArtbenchCounts counts;
  counts.Add("train", "baroque");
  counts.Add("train", "baroque");
  counts.Add("test", "realism");
  counts.Add("", "realism");
  counts.Add("test", "");
  EXPECT_EQ(counts.ToText(), "test/realism=1 train/baroque=2");
  EXPECT_EQ(Of(counts.ToText().c_str()).ToText(), counts.ToText());
}

TEST(ArtbenchCountsTest, WhatOneStyleHasTooManyDoesNotHideWhatAnotherLacks) {
  const ArtbenchCounts promised = Of("train/baroque=5 train/realism=5");
  EXPECT_EQ(promised.MissingIn(Of("train/baroque=8 train/realism=2")), 3);
  EXPECT_EQ(promised.MissingIn(Of("test/baroque=5 train/realism=5")), 5);
  EXPECT_EQ(promised.MissingIn(promised), 0);
  EXPECT_EQ(promised.MissingIn(Of("")), 10);
}

TEST(ArtbenchCountsTest, AStyleCannotForgeACount) {
  ArtbenchCounts counts;
  counts.Add("train", "a=999999999999 b");
  counts.Add("train", "a=9");
  EXPECT_EQ(counts.ToText(), "");
  EXPECT_EQ(Of("train/a=-5 train/b=x = nothing").ToText(), "");
}

}  // namespace
}  // namespace verso
