#ifndef VERSO_COMMON_IMAGE_DECODE_LIMITS_H_
#define VERSO_COMMON_IMAGE_DECODE_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/image/probe.h"

namespace verso {

// What an image may be before any of its pixels is decoded: a file of 300 KB
// can hold 2.5 thousand million of them.
struct DecodeLimits {
  int64_t max_pixels = 50'000'000;  // Width times height.
  int max_side = 16384;             // Pixels.
};

// The limits for pictures of up to `max_pixels`. Beyond the default, max_side
// grows with the square root: pictures may be as long and narrow as before.
DecodeLimits LimitsForPixels(int64_t max_pixels);

// kInvalidArgument: beyond `limits`, or animated; says by how much.
absl::Status CheckLimits(const ImageProbe& probe, const DecodeLimits& limits);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_DECODE_LIMITS_H_
