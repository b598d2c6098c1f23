#ifndef VERSO_COMMON_IMAGE_IMAGE_H_
#define VERSO_COMMON_IMAGE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace verso {

// The one pixel contract of Verso: 8-bit sRGB, orientation applied, alpha
// flattened over a fixed grey (128), rows from the top, no padding.
struct Image {
  int width = 0;             // Pixels.
  int height = 0;            // Pixels.
  std::vector<uint8_t> rgb;  // [height, width, 3], interleaved.
};

// kInvalidArgument: no pixels, or not as many as its size says.
absl::Status CheckImage(const Image& image);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_IMAGE_H_
