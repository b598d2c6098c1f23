#ifndef VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_PAIR_TRIALS_H_
#define VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_PAIR_TRIALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/image/image.h"
#include "shardstore/near_duplicates/picture_match.h"

namespace verso::testing {

// What became of a pair whose kind is known.
struct PairTrial {
  std::string kind;
  bool is_same = false;    // One picture, by its making.
  bool is_detail = false;  // The second shows a part of the first.
  PictureMatch match;
  // Whether the perceptual hashes alone make it a pair to compare.
  bool is_candidate = false;

  bool is_linked() const {
    return match.relation != PictureRelation::kDifferent;
  }
};

PairTrial TryPair(absl::string_view kind, bool is_same, const Image& first,
                  const Image& second);

// The picture with each of its Alterations().
std::vector<PairTrial> TryAlterations(const Image& picture, uint64_t seed);

// TryAlterations() of a DrawnWork, and the work with its look-alikes:
//   repainted, repainted_saved (JPEG 50), version, version_crop (a detail of
//   the version), sibling, mirrored, unrelated
std::vector<PairTrial> TryDrawnWork(uint64_t seed);

// All of `seeds` on all cores, in their order.
std::vector<PairTrial> TryDrawnWorks(const std::vector<uint64_t>& seeds);

struct TrialCounts {
  int64_t pairs = 0;
  int64_t linked = 0;             // By the comparison of pixels.
  int64_t linked_candidates = 0;  // By hash, then pixels: the whole chain.
  int64_t right_details = 0;      // Details with the relation that they have.
};

// By kind: of pictures that are one, or of those that are not.
std::map<std::string, TrialCounts> CountTrials(
    const std::vector<PairTrial>& trials, bool is_same);

// The sum over kinds.
TrialCounts SumOf(const std::map<std::string, TrialCounts>& counts);

// Rates with 95 % Wilson intervals, a line for each kind, and precision and
// recall over all.
std::string TrialTable(const std::vector<PairTrial>& trials);

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_PAIR_TRIALS_H_
