#ifndef VERSO_TESTS_GALLERY_DRAWING_RANDOM_H_
#define VERSO_TESTS_GALLERY_DRAWING_RANDOM_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace verso {

// Numbers that depend on the seed alone, on every machine: SplitMix64 (Steele,
// Lea and Flood 2014). Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // In [0, 1).
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }
  float Uniform(float low, float high) {
    return low + (high - low) * Uniform();
  }

  // In [0, n). REQUIRES: n > 0.
  int Below(int n) {
    return static_cast<int>(Next() % static_cast<uint64_t>(n));
  }

  bool Chance(float probability) { return Uniform() < probability; }

  // About normal with mean 0 and deviation 1: the sum of four uniform numbers.
  float Normal() {
    const uint64_t bits = Next();
    const int sum = static_cast<int>(bits & 0xffff) +
                    static_cast<int>((bits >> 16) & 0xffff) +
                    static_cast<int>((bits >> 32) & 0xffff) +
                    static_cast<int>(bits >> 48);
    return static_cast<float>(sum - 2 * 0xffff) * (1.7320508f / 0x10000);
  }

 private:
  uint64_t state_;
};

// A seed for each text (FNV-1a, mixed with `seed`).
inline uint64_t SeedFor(uint64_t seed, absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return Random(hash ^ Random(seed).Next()).Next();
}

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_RANDOM_H_
