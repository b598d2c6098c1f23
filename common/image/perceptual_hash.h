#ifndef VERSO_COMMON_IMAGE_PERCEPTUAL_HASH_H_
#define VERSO_COMMON_IMAGE_PERCEPTUAL_HASH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/image/image.h"

namespace verso {

// 64 bits as 16 lower-case hex digits, alike for pictures that look alike
// (re-encoded, resized): the DCT hash of Zauner, "Implementation and
// Benchmarking of Perceptual Image Hash Functions" (2010), 3.2.1: luma, 32x32
// pixels, DCT, the 8x8 lowest frequencies without the first row and column,
// one bit each: above their median. Mirrored or turned pictures differ.
// Thread-safe. REQUIRES: `image` has pixels as its size says.
std::string PerceptualHash(const Image& image);

// The number of bits in which two hashes differ, 0..64; 64 when one of them is
// not 16 hex digits. Unrelated pictures are about 32 apart. Thread-safe.
int HammingDistance(absl::string_view a, absl::string_view b);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_PERCEPTUAL_HASH_H_
