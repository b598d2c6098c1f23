#include "common/image/decode_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verso {

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
