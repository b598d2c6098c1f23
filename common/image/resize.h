#ifndef VERSO_COMMON_IMAGE_RESIZE_H_
#define VERSO_COMMON_IMAGE_RESIZE_H_

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace verso {

// Scales to width x height pixels (the sides apart, if need be) by one kernel
// both ways: Lanczos with 3 lobes, sinc(x) sinc(x/3), stretched by the factor
// when shrinking so that it also removes what would alias, weights normalised,
// edges by what lies inside (Duchon 1979; the same as Pillow's LANCZOS within
// a level). The same size gives the same pixels. Thread-safe.
// kInvalidArgument: a side under 1 or over 16384, or size and pixels disagree.
absl::StatusOr<Image> Resize(const Image& image, int width, int height);

// The width x height pixels whose top left one is (x, y). Thread-safe.
// kInvalidArgument: not all of them lie inside, or size and pixels disagree.
absl::StatusOr<Image> Crop(const Image& image, int x, int y, int width,
                           int height);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_RESIZE_H_
