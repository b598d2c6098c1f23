// How many pairs of one picture are found, and how many look-alikes are taken
// for one, on pairs that are drawn here. Works of seeds below 1000 served to
// choose the thresholds, those above are measured. VERSO_TEST_SIZE=full takes
// several thousand pairs.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/shardstore/near_duplicates/pair_trials.h"

namespace verso::testing {
namespace {

double Rate(int64_t hits, int64_t trials) {
  return static_cast<double>(hits) / static_cast<double>(trials);
}

class RecallTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* size = std::getenv("VERSO_TEST_SIZE");
    const uint64_t works =
        size != nullptr && absl::string_view(size) == "full" ? 240 : 18;
    std::vector<uint64_t> seeds;
    for (uint64_t i = 0; i < works; ++i) seeds.push_back(1000 + i);
    trials_ = new std::vector<PairTrial>(TryDrawnWorks(seeds));
    std::printf("%s", TrialTable(*trials_).c_str());
  }
  static void TearDownTestSuite() { delete trials_; }

  static inline std::vector<PairTrial>* trials_ = nullptr;
};

TEST_F(RecallTest, PixelsTellNearlyEveryPairOfOnePicture) {
  for (const auto& [kind, count] : CountTrials(*trials_, true)) {
    EXPECT_GE(Rate(count.linked, count.pairs), 0.94) << kind;
  }
  const TrialCounts all = SumOf(CountTrials(*trials_, true));
  EXPECT_GE(Rate(all.linked, all.pairs), 0.98);
}

TEST_F(RecallTest, LookAlikesAreNotLinked) {
  const TrialCounts right = SumOf(CountTrials(*trials_, true));
  const TrialCounts wrong = SumOf(CountTrials(*trials_, false));
  EXPECT_GE(Rate(right.linked, right.linked + wrong.linked), 0.995);
}

TEST_F(RecallTest, HashesBringWhatWasOnlySavedAnew) {
  const auto counts = CountTrials(*trials_, true);
  for (const char* kind :
       {"jpeg", "webp", "png", "resized", "squashed", "colour", "grey"}) {
    const TrialCounts& count = counts.at(kind);
    EXPECT_GE(Rate(count.linked_candidates, count.pairs), 0.94) << kind;
  }
}

TEST_F(RecallTest, DetailsAreToldFromWholes) {
  const auto counts = CountTrials(*trials_, true);
  for (const char* kind : {"crop_50_65", "crop_65_80"}) {
    const TrialCounts& count = counts.at(kind);
    EXPECT_GE(Rate(count.right_details, count.pairs), 0.94) << kind;
  }
}

}  // namespace
}  // namespace verso::testing
