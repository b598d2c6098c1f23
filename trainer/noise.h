#ifndef VERSO_TRAINER_NOISE_H_
#define VERSO_TRAINER_NOISE_H_

#include <cstdint>

#include "ATen/core/Tensor.h"

namespace verso {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a permutation of the
// 64-bit numbers without visible structure.
uint64_t MixBits(uint64_t x);

// Standard normal values, float32, [count], on `device`; a function of `key`
// alone. Counter-based, so that it needs no state and no order:
//   bits_i = MixBits(key + (i + 1) * 0x9e3779b97f4a7c15), i < ceil(count / 2)
//   u = (bits_i >> 40) + 1, v = (bits_i >> 8) & 0xffffff, both over 2^24
// and by Box and Muller value i is sqrt(-2 ln u) cos(2 pi v), value
// ceil(count / 2) + i the same with sin.
at::Tensor NormalNoise(uint64_t key, int64_t count, at::Device device);

}  // namespace verso

#endif  // VERSO_TRAINER_NOISE_H_
