#ifndef VERSO_COMMON_IMAGE_SANDBOX_MESSAGES_H_
#define VERSO_COMMON_IMAGE_SANDBOX_MESSAGES_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/decode_limits.h"
#include "common/image/image.h"

namespace verso {

// What a decoder process is asked for, and what it gives.
struct DecoderRequest {
  absl::string_view bytes;  // Of the image file.
  DecodeLimits limits;
  bool wants_pixels = false;  // Else the perceptual hash.
  // The size of the picture, if `wants_pixels`.
  int width = 0;
  int height = 0;
};
struct DecodedImage {
  std::string perceptual_hash;
  Image image;
};
using Decoder =
    std::function<absl::StatusOr<DecodedImage>(const DecoderRequest&)>;

// On the socket: a head as it lies in memory, since both ends are one binary,
// then what it counts.
struct RequestHead {
  int64_t size = 0;  // Bytes of the image, which follow.
  int64_t max_pixels = 0;
  int32_t max_side = 0;
  int32_t wants_pixels = 0;
};
struct ReplyHead {
  int32_t code = 0;          // absl::StatusCode; kOk: the rest is valid.
  int32_t message_size = 0;  // Bytes of the status' message, which follow.
  int32_t width = 0;         // width * height * 3 bytes follow the message.
  int32_t height = 0;
  char perceptual_hash[16] = {};
};

inline constexpr int kMaxMessageBytes = 1024;

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_MESSAGES_H_
