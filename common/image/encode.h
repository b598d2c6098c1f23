#ifndef VERSO_COMMON_IMAGE_ENCODE_H_
#define VERSO_COMMON_IMAGE_ENCODE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/image.h"

namespace verso {

// Both by libvips, without metadata but what is asked for. Thread-safe.
// kInvalidArgument: size and pixels disagree, or an argument is out of range.

// `text`: keyword (1 to 79 bytes) -> UTF-8; as tEXt where it is ASCII, else as
// iTXt, which is how generators embed their "parameters".
absl::StatusOr<std::string> EncodePng(
    const Image& image, const std::map<std::string, std::string>& text = {});

// Lossy WebP, `quality` 1..100 on libwebp's scale; sides up to 16383.
absl::StatusOr<std::string> EncodeWebp(const Image& image, int quality);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_ENCODE_H_
