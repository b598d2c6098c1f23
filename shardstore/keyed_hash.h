#ifndef VERSO_SHARDSTORE_KEYED_HASH_H_
#define VERSO_SHARDSTORE_KEYED_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace verso {

// A bijection of 64-bit values whose output bits all depend on all input bits:
// the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", 2014; Stafford's variant 13).
constexpr uint64_t Mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The first 64 bits of sha256("<seed>:<text>"): ranks records and works in an
// order that nobody chose and that any program can recompute.
uint64_t KeyedHash(uint64_t seed, absl::string_view text);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_KEYED_HASH_H_
