#ifndef VERSO_TESTS_GALLERY_DRAWING_BRUSH_H_
#define VERSO_TESTS_GALLERY_DRAWING_BRUSH_H_

#include <cstdint>
#include <vector>

namespace verso {

// The mark of one stroke of a brush, as a square of size x size pixels.
struct BrushMark {
  int size = 0;                 // Odd; the stroke's length in pixels.
  std::vector<int16_t> cover;   // [size, size], 0..127.
  std::vector<int16_t> relief;  // [size, size], -32..32: ridges of the paint.
};

// Share of a mark's square that its stroke covers.
inline constexpr float kBrushCoverage = 0.22f;

// The mark whose length is nearest to `length` pixels and direction to `angle`
// radians. Marks are made once and live for ever. Thread-safe.
const BrushMark& FindBrushMark(float length, float angle);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_BRUSH_H_
