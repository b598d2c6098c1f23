#include "ingest/run_counts.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

TEST(RunCountsTest, SaysWhatWasRefusedAndWhy) {
  RunCounts counts;
  for (int i = 0; i < 3; ++i) counts.AddFetched();
  counts.AddStored();
  counts.AddDuplicate();
  counts.AddRefused("truncated");
  counts.AddRefused("HTTP 404");
  counts.AddRefused("HTTP 404");
  EXPECT_EQ(FormatCounts(counts.Get()),
            "fetched 3, stored 1, duplicate 1, refused 3 (2 HTTP 404, 1 "
            "truncated)");
}

TEST(RunCountsTest, SaysWhatIsQuarantinedWhereThereIsSome) {
  RunCounts counts;
  counts.AddQuarantined();
  EXPECT_EQ(FormatCounts(counts.Get()),
            "fetched 0, stored 0, duplicate 0, quarantined 1, refused 0");
}

TEST(RunCountsTest, NothingRefusedNeedsNoReason) {
  EXPECT_EQ(FormatCounts(RunCounts().Get()),
            "fetched 0, stored 0, duplicate 0, refused 0");
}

}  // namespace
}  // namespace verso
