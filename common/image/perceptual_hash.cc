#include "common/image/perceptual_hash.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/image/resize.h"

namespace verso {
namespace {

constexpr int kSide = 32;
constexpr int kFrequencies = 8;
constexpr size_t kHashBits = 64;
constexpr int kHashDigits = 16;
constexpr double kPi = 3.14159265358979323846;

using Plane = std::array<std::array<double, kSide>, kSide>;

// Luma of ITU-R BT.601, which JPEG also uses.
Plane SmallLuma(const Image& image) {
  const absl::StatusOr<Image> small = Resize(image, kSide, kSide);
  VERSO_CHECK(small.ok());
  Plane luma;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const uint8_t* rgb =
          &small->rgb[3 * (kSide * static_cast<size_t>(y) + x)];
      luma[y][x] = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    }
  }
  return luma;
}

// [frequency, place]: what a frequency is at a place, for the DCT-II.
using Cosines = std::array<std::array<double, kSide>, kFrequencies + 1>;

Cosines MakeCosines() {
  Cosines cosines;
  for (int frequency = 0; frequency <= kFrequencies; ++frequency) {
    for (int place = 0; place < kSide; ++place) {
      cosines[frequency][place] =
          std::cos(kPi / kSide * (place + 0.5) * frequency);
    }
  }
  return cosines;
}

// The DCT-II coefficient of frequencies u across and v down. Rounded, so that
// a flat picture has zeros and not the noise of its sums.
double Coefficient(const Plane& luma, int u, int v) {
  static const Cosines cosines = MakeCosines();
  double sum = 0;
  for (int y = 0; y < kSide; ++y) {
    double row = 0;
    for (int x = 0; x < kSide; ++x) row += luma[y][x] * cosines[u][x];
    sum += row * cosines[v][y];
  }
  return std::round(sum * 1000);
}

std::optional<uint64_t> ParseHash(absl::string_view hash) {
  uint64_t bits = 0;
  const bool digits = std::all_of(hash.begin(), hash.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  if (hash.size() != kHashDigits || !digits) return std::nullopt;
  return absl::SimpleHexAtoi(hash, &bits) ? std::optional(bits) : std::nullopt;
}

}  // namespace

std::string PerceptualHash(const Image& image) {
  const Plane luma = SmallLuma(image);
  std::array<double, kHashBits> coefficients;
  for (int i = 0; i < static_cast<int>(kHashBits); ++i) {
    coefficients[i] =
        Coefficient(luma, 1 + i % kFrequencies, 1 + i / kFrequencies);
  }
  auto sorted = coefficients;
  const auto middle = sorted.begin() + sorted.size() / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double upper = *middle;
  const double lower = *std::max_element(sorted.begin(), middle);
  const double median = (lower + upper) / 2;
  uint64_t bits = 0;
  for (const double coefficient : coefficients) {
    bits = (bits << 1) | (coefficient > median ? 1 : 0);
  }
  return absl::StrCat(absl::Hex(bits, absl::kZeroPad16));
}

int HammingDistance(absl::string_view a, absl::string_view b) {
  const std::optional<uint64_t> left = ParseHash(a);
  const std::optional<uint64_t> right = ParseHash(b);
  if (!left || !right) return 64;
  return static_cast<int>(std::bitset<64>(*left ^ *right).count());
}

}  // namespace verso
