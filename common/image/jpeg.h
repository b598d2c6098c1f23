#ifndef VERSO_COMMON_IMAGE_JPEG_H_
#define VERSO_COMMON_IMAGE_JPEG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/image.h"

namespace verso {

// JPEG by libjpeg-turbo: the hot path of training, which reads prepared
// images. Accurate DCT and smooth chroma both ways. Thread-safe.

// The same pixels as DecodeImage(), at most 1 level apart (tests hold it to
// that), without starting libvips.
// kUnimplemented: needs a turn (EXIF) or a colour conversion (a profile other
// than sRGB; neither grey nor YCbCr): DecodeImage() does these.
// kInvalidArgument: not a JPEG, or beyond the default DecodeLimits.
// kDataLoss: truncated or broken; any warning of the decoder counts.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes);

enum class ChromaSubsampling { k444, k422, k420 };

// Baseline JPEG with libjpeg's tables for `quality`, 1..100; no metadata.
// kInvalidArgument: quality out of range, or size and pixels disagree.
absl::StatusOr<std::string> EncodeJpeg(
    const Image& image, int quality,
    ChromaSubsampling subsampling = ChromaSubsampling::k444);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_JPEG_H_
