#ifndef VERSO_COMMON_IMAGE_DECODE_H_
#define VERSO_COMMON_IMAGE_DECODE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/decode_limits.h"
#include "common/image/image.h"

namespace verso {

// Decodes a still JPEG, PNG, WebP or GIF under the pixel contract of image.h:
// EXIF orientation applied; CMYK, grey and 16-bit converted; an embedded ICC
// profile applied (relative colorimetric, black point compensated; not one
// that calls itself sRGB; one that cannot be read counts as sRGB); then alpha
// flattened. By libvips, with the loader that the first bytes ask for.
// Thread-safe.
// kInvalidArgument: not one of these formats, animated, or beyond `limits`
// (found in the header, before a pixel is decoded).
// kDataLoss: truncated or broken, also when a decoder would go on (for a JPEG,
// any warning counts: a scan that ends early leaves grey pixels).
absl::StatusOr<Image> DecodeImage(absl::string_view bytes,
                                  const DecodeLimits& limits = {});

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_DECODE_H_
