#ifndef VERSO_COMMON_IMAGE_PROBE_H_
#define VERSO_COMMON_IMAGE_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// What a file says of itself. Texts are valid UTF-8 of at most 64 KiB; of what
// is longer (a large ComfyUI graph) the claims are read before it is cut.
struct ImageProbe {
  std::string format;  // "jpeg", "png", "webp" or "gif".
  int width = 0;       // Pixels, before orientation is applied; at least 1.
  int height = 0;
  int frames = 1;       // More than 1: animated.
  int orientation = 1;  // EXIF, 1..8; 1 = as it is.
  EncoderFingerprint encoder;
  // Description of the ICC profile, "unnamed" when it has none; empty: there
  // is no profile, which means sRGB.
  std::string color_profile;
  EmbeddedClaims claims;
};

// Reads the headers of an image; no pixel is decoded, the file's name and
// content type do not matter. Takes any bytes, in time and memory linear in
// their number. Thread-safe.
// kInvalidArgument: not a JPEG, PNG, WebP or GIF; says what it looks like.
// kDataLoss: one of these, but cut off or broken in its headers. An image that
// passes may still be cut off in its pixels: DecodeImage() tells.
absl::StatusOr<ImageProbe> ProbeImage(absl::string_view bytes);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_PROBE_H_
