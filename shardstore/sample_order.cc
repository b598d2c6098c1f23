#include "shardstore/sample_order.h"

#include "common/base/check.h"
#include "shardstore/keyed_hash.h"

namespace verso {
namespace {

// Halves of one bit know too few round functions to mix; domains of 16 and
// more do.
constexpr int kMinHalfBits = 2;

int HalfBitsFor(uint64_t n) {
  int half_bits = kMinHalfBits;
  while ((uint64_t{1} << (2 * half_bits)) < n) ++half_bits;
  return half_bits;
}

}  // namespace

SampleOrder::SampleOrder(uint64_t n, uint64_t seed, uint64_t epoch) : n_(n) {
  VERSO_CHECK(n > 0 && n <= uint64_t{1} << 62);
  half_bits_ = HalfBitsFor(n);
  uint64_t key = Mix64(Mix64(seed) ^ epoch);
  for (uint64_t& round_key : round_keys_) {
    key = Mix64(key);
    round_key = key;
  }
}

uint64_t SampleOrder::SampleAt(uint64_t position) const {
  VERSO_CHECK(position < n_);
  uint64_t value = Permute(position);
  while (value >= n_) value = Permute(value);
  return value;
}

uint64_t SampleOrder::Permute(uint64_t value) const {
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  uint64_t left = value >> half_bits_;
  uint64_t right = value & mask;
  for (const uint64_t key : round_keys_) {
    const uint64_t mixed = Mix64(right ^ key) >> (64 - half_bits_);
    const uint64_t next = left ^ mixed;
    left = right;
    right = next;
  }
  return (left << half_bits_) | right;
}

}  // namespace verso
