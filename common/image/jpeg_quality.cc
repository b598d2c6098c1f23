#include "common/image/jpeg_quality.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace verso {
namespace {

constexpr QuantizationTable kLuma = {
    16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
    26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
    56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

constexpr QuantizationTable kChroma = {
    17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

int64_t Distance(const QuantizationTable& table,
                 const QuantizationTable& standard, int percent) {
  int64_t distance = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    const int scaled = std::clamp((standard[i] * percent + 50) / 100, 1, 255);
    distance += std::abs(table[i] - scaled);
  }
  return distance;
}

}  // namespace

int EstimateJpegQuality(const QuantizationTable& luma,
                        const std::optional<QuantizationTable>& chroma) {
  int best_quality = 1;
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int quality = 1; quality <= 100; ++quality) {
    const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    int64_t distance = Distance(luma, kLuma, percent);
    if (chroma) distance += Distance(*chroma, kChroma, percent);
    if (distance < best) {
      best = distance;
      best_quality = quality;
    }
  }
  return best_quality;
}

}  // namespace verso
