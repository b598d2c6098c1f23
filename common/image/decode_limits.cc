#include "common/image/decode_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace verso {

DecodeLimits LimitsForPixels(int64_t max_pixels) {
  DecodeLimits limits;
  const double factor =
      static_cast<double>(max_pixels) / static_cast<double>(limits.max_pixels);
  limits.max_pixels = max_pixels;
  const double side = limits.max_side * std::sqrt(std::max(factor, 1.0));
  limits.max_side =
      static_cast<int>(std::min<double>(side, std::numeric_limits<int>::max()));
  return limits;
}

absl::Status CheckLimits(const ImageProbe& probe, const DecodeLimits& limits) {
  if (probe.frames > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", probe.format, " image is animated (", probe.frames,
                     " frames); only still images are taken"));
  }
  const int64_t pixels = int64_t{probe.width} * probe.height;
  if (std::max(probe.width, probe.height) > limits.max_side ||
      pixels > limits.max_pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", probe.format, " image has ", probe.width, "x",
                     probe.height, " pixels; the limits are ", limits.max_side,
                     " a side and ", limits.max_pixels, " in all"));
  }
  return absl::OkStatus();
}

}  // namespace verso
