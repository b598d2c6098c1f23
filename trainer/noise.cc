#include "trainer/noise.h"

#include "ATen/ATen.h"

namespace verso {
namespace {

constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
constexpr uint64_t kMultiplier1 = 0xbf58476d1ce4e5b9;
constexpr uint64_t kMultiplier2 = 0x94d049bb133111eb;

// A tensor's int64 are the same bits as uint64, and multiply alike.
int64_t AsSigned(uint64_t bits) { return static_cast<int64_t>(bits); }

// Logical shift: torch's keeps the sign.
at::Tensor ShiftRight(const at::Tensor& x, int64_t bits) {
  return at::bitwise_right_shift(x, bits).bitwise_and_(
      AsSigned(~uint64_t{0} >> bits));
}

at::Tensor MixBitsOf(at::Tensor x) {
  x.bitwise_xor_(ShiftRight(x, 30)).mul_(AsSigned(kMultiplier1));
  x.bitwise_xor_(ShiftRight(x, 27)).mul_(AsSigned(kMultiplier2));
  return x.bitwise_xor_(ShiftRight(x, 31));
}

}  // namespace

uint64_t MixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * kMultiplier1;
  x = (x ^ (x >> 27)) * kMultiplier2;
  return x ^ (x >> 31);
}

at::Tensor NormalNoise(uint64_t key, int64_t count, at::Device device) {
  constexpr double kUnit = 1.0 / (1 << 24);
  constexpr double kTwoPi = 6.283185307179586;
  const int64_t half = (count + 1) / 2;
  const at::Tensor counters =
      at::arange(1, half + 1, at::TensorOptions(device).dtype(at::kLong));
  const at::Tensor bits =
      MixBitsOf((counters * AsSigned(kStep)).add_(AsSigned(key)));
  const at::Tensor u = ShiftRight(bits, 40).add_(1).to(at::kFloat).mul_(kUnit);
  const at::Tensor angle = ShiftRight(bits, 8)
                               .bitwise_and_(0xffffff)
                               .to(at::kFloat)
                               .mul_(kUnit * kTwoPi);
  const at::Tensor radius = u.log_().mul_(-2).sqrt_();
  return at::cat({radius * angle.cos(), radius * angle.sin()})
      .narrow(0, 0, count);
}

}  // namespace verso
