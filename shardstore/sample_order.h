#ifndef VERSO_SHARDSTORE_SAMPLE_ORDER_H_
#define VERSO_SHARDSTORE_SAMPLE_ORDER_H_

#include <array>
#include <cstdint>

namespace verso {

// The shuffled order of one epoch: a keyed permutation of [0, n), computed
// position by position. Nothing is stored, so any position of 10^10 samples is
// found at once, and a run can go on anywhere.
//
// A balanced Feistel network (Luby, Rackoff: "How to construct pseudorandom
// permutations", 1988) permutes [0, 4^k), the smallest such domain >= n; a
// value that falls outside [0, n) is permuted again until it falls inside
// ("cycle walking": Black, Rogaway: "Ciphers with arbitrary finite domains",
// 2002). As 4^k < 4n (for n > 4), that takes less than 4 turns on average.
//
// The order is part of what makes a run repeatable: SampleAt() never changes
// for given (n, seed, epoch). Thread-safe.
class SampleOrder {
 public:
  // REQUIRES: 0 < n <= 2^62.
  SampleOrder(uint64_t n, uint64_t seed, uint64_t epoch);

  uint64_t size() const { return n_; }

  // The sample, in [0, n), at `position`, in [0, n).
  uint64_t SampleAt(uint64_t position) const;

 private:
  static constexpr int kRounds = 8;

  uint64_t Permute(uint64_t value) const;

  uint64_t n_;
  int half_bits_;  // k: the halves of a value in [0, 4^k).
  std::array<uint64_t, kRounds> round_keys_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SAMPLE_ORDER_H_
