#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_CANDIDATE_PAIRS_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_CANDIDATE_PAIRS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace verso {

// What a record is known by before anybody looks at its pixels.
struct PictureKeys {
  std::optional<uint64_t> look;  // Perceptual hash (common/image).
  uint64_t work = 0;             // Hash of its work_key; 0: it has none.
};

// The bits of 16 hex digits; nullopt for anything else.
std::optional<uint64_t> ParseLook(absl::string_view perceptual_hash);

struct CandidateLimits {
  // Bits in which the looks of a pair differ at most, up to 14. Of 2.9 million
  // pairs of unrelated pictures 0.003 % come as near as 14.
  int max_distance = 14;
  // Pairs that a record has with those before it: the nearest looks, and as
  // many again of one work_key. Thus n records have at most 2 * n * this.
  int64_t pairs_of_record = 16;
  // Looks that share one band of bits; more are not looked at.
  int64_t looks_of_band = 4096;
};

// Places in the span of records; first < second.
struct CandidatePair {
  uint32_t first = 0;
  uint32_t second = 0;

  friend bool operator==(const CandidatePair&, const CandidatePair&) = default;
  friend auto operator<=>(const CandidatePair&, const CandidatePair&) = default;
};

struct Candidates {
  std::vector<CandidatePair> pairs;  // Sorted, each once.
  // What the limits kept out: a flood of equal pictures or keys, say so.
  int64_t pairs_left_out = 0;  // By pairs_of_record.
  int64_t full_bands = 0;      // By looks_of_band.
};

// The pairs that are worth comparing: looks near each other, or equal work
// keys. Looks are found by multi-index hashing (Norouzi, Punjani, Fleet: Fast
// Search in Hamming Space with Multi-Index Hashing, CVPR 2012): looks that
// differ in at most 14 bits differ in at most 2 bits of one of 5 bands. So a
// look asks 5 tables of 2^12 or 2^13 rows for the 92 rows nearest to its own;
// work per record is bounded by the limits. A function of its arguments alone.
// Holds about 40 bytes a record. Thread-safe.
// REQUIRES: limits are positive, max_distance at most 14, fewer than 2^32
// records.
Candidates FindCandidates(absl::Span<const PictureKeys> records,
                          const CandidateLimits& limits = {});

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_CANDIDATE_PAIRS_H_
