#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_SKETCH_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_SKETCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "shardstore/near_duplicates/luma_plane.h"

namespace verso {

// The longer side of a sketch, unless the picture is smaller.
inline constexpr int kSketchSide = 192;

// What the comparison of two pictures looks at: a small luma picture (ITU-R
// BT.601), at most 36 KiB.
struct PictureSketch {
  int width = 0;   // Pixels.
  int height = 0;  // Pixels.
  std::vector<uint8_t> luma;
};

// Never enlarges. Thread-safe. kInvalidArgument: size and pixels disagree.
absl::StatusOr<PictureSketch> MakeSketch(const Image& image);

// The sketch's pixels, and what is left of them without borders: rows and
// columns from the edges inwards in which all pixels are nearly equal (a mat,
// bars, a white page), at most 40 % of a side each.
LumaPlane PlaneOf(const PictureSketch& sketch);
PlaneBox ContentOf(const LumaPlane& plane);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_SKETCH_H_
