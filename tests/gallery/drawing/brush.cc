#include "tests/gallery/drawing/brush.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tests/gallery/drawing/random.h"

namespace verso {
namespace {

constexpr std::array kLengths = {5, 7, 11, 15, 23, 31, 47, 63, 95, 127};
constexpr int kAngles = 24;
constexpr float kWidthOfLength = 0.32f;
constexpr int kMaxCover = 127;
constexpr float kMaxRelief = 32;
constexpr int kMaxBristles = 64;

// How much paint each bristle carries, 0..1.
std::vector<float> MakeBristles(Random& random) {
  std::vector<float> bristles(kMaxBristles);
  for (float& bristle : bristles) bristle = random.Uniform();
  return bristles;
}

BrushMark MakeMark(int length, float angle) {
  BrushMark mark;
  mark.size = length;
  mark.cover.resize(static_cast<size_t>(length) * length);
  mark.relief.resize(mark.cover.size());
  Random random(static_cast<uint64_t>(length) * 1000 +
                static_cast<uint64_t>(angle * 100));
  const std::vector<float> bristles = MakeBristles(random);
  const float half_length = length / 2.0f;
  const float half_width = half_length * kWidthOfLength;
  const float c = std::cos(angle);
  const float s = std::sin(angle);
  for (int i = 0; i < length * length; ++i) {
    const float x = static_cast<float>(i % length) - half_length + 0.5f;
    const float y = static_cast<float>(i / length) - half_length + 0.5f;
    const float along = (x * c + y * s) / half_length;  // -1..1
    const float across = (y * c - x * s) / half_width;  // -1..1
    const float edge = 1 - across * across - std::pow(along, 4.0f);
    if (edge <= 0) continue;
    const int at = static_cast<int>((across + 1) * half_width * 0.8f);
    const float bristle = bristles[std::clamp(at, 0, kMaxBristles - 1)];
    // A dry end: fewer bristles touch where the stroke stops.
    const float dry = 1 - 0.6f * bristle * std::max(0.0f, along);
    mark.cover[i] =
        static_cast<int16_t>(kMaxCover * std::min(1.0f, 2 * edge) * dry);
    mark.relief[i] = static_cast<int16_t>(
        kMaxRelief * (0.6f * (2 * bristle - 1) - 0.4f * across));
  }
  return mark;
}

std::vector<BrushMark> MakeAllMarks() {
  std::vector<BrushMark> marks;
  for (const int length : kLengths) {
    for (int i = 0; i < kAngles; ++i) {
      // A stroke has two directions: its dry end differs.
      marks.push_back(
          MakeMark(length, i * 2 * std::numbers::pi_v<float> / kAngles));
    }
  }
  return marks;
}

}  // namespace

const BrushMark& FindBrushMark(float length, float angle) {
  static const auto* const marks = new std::vector<BrushMark>(MakeAllMarks());
  size_t best = 0;
  for (size_t i = 1; i < kLengths.size(); ++i) {
    if (std::abs(kLengths[i] - length) < std::abs(kLengths[best] - length)) {
      best = i;
    }
  }
  const float turns = angle / (2 * std::numbers::pi_v<float>);
  const int step =
      static_cast<int>(std::lround((turns - std::floor(turns)) * kAngles));
  return (*marks)[best * kAngles + step % kAngles];
}

}  // namespace verso
