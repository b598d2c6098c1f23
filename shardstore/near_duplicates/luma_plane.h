#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_LUMA_PLANE_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_LUMA_PLANE_H_

#include <cstddef>
#include <vector>

namespace verso {

// One number per pixel, rows from the top. Pixel (x, y) covers the square
// [x, x + 1) x [y, y + 1), so its centre is at (x + 0.5, y + 0.5).
struct LumaPlane {
  LumaPlane() = default;
  LumaPlane(int w, int h)
      : width(w), height(h), values(static_cast<size_t>(w) * h) {}

  float* Row(int y) { return values.data() + static_cast<size_t>(y) * width; }
  const float* Row(int y) const {
    return values.data() + static_cast<size_t>(y) * width;
  }

  int width = 0;
  int height = 0;
  std::vector<float> values;
};

// [left, right) x [top, bottom), in pixels, not always whole ones.
struct PlaneBox {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double area() const { return width() * height(); }
};

// What `box` shows, in width x height pixels: means over the area of each when
// shrinking, between neighbours when enlarging. Thread-safe.
// REQUIRES: the box lies inside and is not empty; both sides at least 1.
LumaPlane Resampled(const LumaPlane& plane, const PlaneBox& box, int width,
                    int height);

// The value at a point, between the four pixels around it; outside, what is
// nearest inside.
float ValueAt(const LumaPlane& plane, double x, double y);

// Each pixel less the mean around it, as a share of the deviation around it:
// what is left is the drawing, without lightness, contrast and slow shading.
// "Around" is the square of `radius` pixels each way; `floor` is added to the
// deviation, so that noise in a flat area stays small. (Jarrett, Kavukcuoglu,
// Ranzato, LeCun: What is the best multi-stage architecture for object
// recognition?, ICCV 2009, section 2.1, with a box for the Gaussian.)
LumaPlane LocalContrast(const LumaPlane& plane, int radius, float floor);

// The gradient of a plane, each vector g shortened to g / sqrt(|g|^2 + m^2), m
// half the mean length: where edges run counts, hardly how strong they are, so
// that one hard edge (a horizon, a frame) does not outvote the rest.
// (Fitch, Kadyrov, Christmas, Kittler: Orientation correlation, BMVC 2002.)
struct GradientPlanes {
  LumaPlane across;
  LumaPlane down;
};
GradientPlanes SoftGradient(const LumaPlane& plane);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_LUMA_PLANE_H_
