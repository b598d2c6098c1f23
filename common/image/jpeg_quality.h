#ifndef VERSO_COMMON_IMAGE_JPEG_QUALITY_H_
#define VERSO_COMMON_IMAGE_JPEG_QUALITY_H_

#include <array>
#include <cstdint>
#include <optional>

namespace verso {

// 64 divisors in zigzag order, as in a DQT segment.
using QuantizationTable = std::array<uint16_t, 64>;

// The quality, 1..100 on libjpeg's scale, whose tables are nearest to these by
// sum of absolute differences; the scale multiplies the tables of ITU-T T.81
// K.1 (luma) and K.2 (chroma) by 5000/q (q < 50) or 200 - 2q percent. Exact
// for files of libjpeg and its kin; for other encoders (Photoshop) a likeness.
int EstimateJpegQuality(const QuantizationTable& luma,
                        const std::optional<QuantizationTable>& chroma);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_JPEG_QUALITY_H_
