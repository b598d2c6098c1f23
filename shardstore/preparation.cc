#include "shardstore/preparation.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "common/image/resize.h"

namespace verso {
namespace {

// A square of `side` pixels from the middle; an odd pixel is left at the end.
absl::StatusOr<Image> CentreSquare(const Image& image, int side) {
  return Crop(image, (image.width - side) / 2, (image.height - side) / 2, side,
              side);
}

absl::StatusOr<Image> SquareResized(const Image& image, int size) {
  const int short_side = std::min(image.width, image.height);
  ASSIGN_OR_RETURN(const Image square, CentreSquare(image, short_side));
  return Resize(square, size, size);
}

absl::StatusOr<Image> NativeCropped(const Image& image, int size) {
  if (std::min(image.width, image.height) < size) {
    return absl::FailedPreconditionError(
        absl::StrCat("the picture is ", image.width, "x", image.height,
                     ", smaller than the crop of ", size));
  }
  return CentreSquare(image, size);
}

}  // namespace

bool FitsPreparation(int short_side, const Preparation& preparation) {
  return preparation.mode() != NATIVE_CROP || short_side == 0 ||
         short_side >= preparation.size();
}

absl::StatusOr<PreparedImage> PrepareImage(absl::string_view bytes,
                                           const Preparation& preparation) {
  ASSIGN_OR_RETURN(Image image, DecodeImage(bytes));
  PreparedImage prepared;
  if (preparation.mode() == SQUARE_RESIZE) {
    prepared.scale = static_cast<double>(preparation.size()) /
                     std::min(image.width, image.height);
    ASSIGN_OR_RETURN(image, SquareResized(image, preparation.size()));
  } else if (preparation.mode() == NATIVE_CROP) {
    ASSIGN_OR_RETURN(image, NativeCropped(image, preparation.size()));
  }
  prepared.width = image.width;
  prepared.height = image.height;
  ASSIGN_OR_RETURN(prepared.jpeg, EncodeJpeg(image, preparation.jpeg_quality(),
                                             ChromaSubsampling::k444));
  return prepared;
}

}  // namespace verso
