#include "shardstore/near_duplicates/picture_sketch.h"

#include <algorithm>
#include <cmath>

#include "common/base/status_macros.h"
#include "common/image/resize.h"

namespace verso {
namespace {

constexpr double kMaxTrim = 0.4;  // Of a side, from each edge.
// Levels; what JPEG adds to a plain border stays below.
constexpr double kFlatDeviation = 4;

int ScaledSide(int side, int longer) {
  if (longer <= kSketchSide) return side;
  return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) *
                                                  kSketchSide / longer)));
}

// A line of pixels: `n` of them, `step` apart.
bool IsFlat(const float* first, int n, int step) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double value = first[static_cast<size_t>(i) * step];
    sum += value;
    squares += value * value;
  }
  const double mean = sum / n;
  return squares / n - mean * mean <= kFlatDeviation * kFlatDeviation;
}

// Whole pixels: [left, right) x [top, bottom).
struct Edges {
  int left, top, right, bottom;
};

bool RowIsFlat(const LumaPlane& plane, const Edges& in, int y) {
  return IsFlat(plane.Row(y) + in.left, in.right - in.left, 1);
}
bool ColumnIsFlat(const LumaPlane& plane, const Edges& in, int x) {
  return IsFlat(plane.Row(in.top) + x, in.bottom - in.top, plane.width);
}

void TrimRows(const LumaPlane& plane, Edges& in) {
  const int most = static_cast<int>(plane.height * kMaxTrim);
  while (in.top < most && RowIsFlat(plane, in, in.top)) ++in.top;
  while (in.bottom > plane.height - most &&
         RowIsFlat(plane, in, in.bottom - 1)) {
    --in.bottom;
  }
}

void TrimColumns(const LumaPlane& plane, Edges& in) {
  const int most = static_cast<int>(plane.width * kMaxTrim);
  while (in.left < most && ColumnIsFlat(plane, in, in.left)) ++in.left;
  while (in.right > plane.width - most &&
         ColumnIsFlat(plane, in, in.right - 1)) {
    --in.right;
  }
}

}  // namespace

absl::StatusOr<PictureSketch> MakeSketch(const Image& image) {
  RETURN_IF_ERROR(CheckImage(image));
  const int longer = std::max(image.width, image.height);
  ASSIGN_OR_RETURN(const Image small,
                   Resize(image, ScaledSide(image.width, longer),
                          ScaledSide(image.height, longer)));
  PictureSketch sketch{small.width, small.height, {}};
  sketch.luma.reserve(small.rgb.size() / 3);
  for (size_t i = 0; i < small.rgb.size(); i += 3) {
    const uint8_t* rgb = &small.rgb[i];
    sketch.luma.push_back(static_cast<uint8_t>(
        0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2] + 0.5f));
  }
  return sketch;
}

LumaPlane PlaneOf(const PictureSketch& sketch) {
  LumaPlane plane(sketch.width, sketch.height);
  std::copy(sketch.luma.begin(), sketch.luma.end(), plane.values.begin());
  return plane;
}

PlaneBox ContentOf(const LumaPlane& plane) {
  Edges in{0, 0, plane.width, plane.height};
  // A frame of another colour at the sides hides the flatness of its rows
  // until its columns are gone, and a mat may lie in a frame.
  for (int round = 0; round < 2; ++round) {
    TrimRows(plane, in);
    TrimColumns(plane, in);
  }
  return {static_cast<double>(in.left), static_cast<double>(in.top),
          static_cast<double>(in.right), static_cast<double>(in.bottom)};
}

}  // namespace verso
