#ifndef VERSO_SHARDSTORE_RECORD_SELECTION_H_
#define VERSO_SHARDSTORE_RECORD_SELECTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "proto/dataset.pb.h"
#include "shardstore/candidate.h"

namespace verso {

// Takes at most `count` of one source's candidates. The choice depends on the
// set of candidates and `seed` alone, not on their order:
// - children of records in `chosen` come first, so that pairs stay pairs;
// - then records come in the order of their keyed hash;
// - BALANCE_BY_STYLE takes from all styles in turn, so that their numbers
//   differ by at most one until a style has no more.
std::vector<Candidate> SelectRecords(
    std::vector<Candidate> candidates, int64_t count, BalanceBy balance_by,
    uint64_t seed, const absl::flat_hash_set<std::string>& chosen);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_SELECTION_H_
