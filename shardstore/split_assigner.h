#ifndef VERSO_SHARDSTORE_SPLIT_ASSIGNER_H_
#define VERSO_SHARDSTORE_SPLIT_ASSIGNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "proto/dataset.pb.h"
#include "proto/record.pb.h"
#include "shardstore/candidate.h"

namespace verso {

// A perceptual hash that more records share says nothing (a blank page): it
// does not link them.
inline constexpr int kMaxRecordsOfOneLook = 64;

// The work of each candidate: the smallest record id among all candidates that
// are linked with it, over any number of steps, by
// - one non-empty work_key (a whole and its details),
// - a parent (a generated picture and what it was made from; two children of
//   one parent also when the parent is not a candidate),
// - a verified link, which may lead over records that are no candidates,
// - one perceptual hash (the same picture saved twice): what can be known
//   before anybody has compared pixels.
std::vector<std::string> FindWorks(absl::Span<const Candidate> candidates,
                                   absl::Span<const WorkLink> links = {});

// How many candidates have a perceptual hash that too many share.
int64_t CountCommonLooks(absl::Span<const Candidate> candidates);

// A record to be put in a split.
struct SplitItem {
  std::string work;
  int source = 0;  // Index in DatasetRecipe::source.
  bool held_out = false;
};

// The split of each item. No work crosses a split, and the result depends on
// the set of items and `seed` alone, not on their order.
// - Works of sources that are trained on are dealt by their keyed hash so that
//   `policy`'s shares of the works of each source (and of each combination of
//   sources that one work has) are validation and test, rounded.
// - A source with three works or more has at least one in each split, unless
//   works that many sources share leave no way.
// - Held-out items are in test; one whose work is trained or validated on is
//   left out: SPLIT_UNSPECIFIED.
std::vector<Split> AssignSplits(absl::Span<const SplitItem> items,
                                const SplitPolicy& policy, uint64_t seed);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SPLIT_ASSIGNER_H_
