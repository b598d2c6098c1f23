#include "common/image/image.h"

#include "absl/strings/str_cat.h"

namespace verso {

absl::Status CheckImage(const Image& image) {
  if (image.width < 1 || image.height < 1 ||
      image.rgb.size() != size_t{3} * image.width * image.height) {
    return absl::InvalidArgumentError(
        absl::StrCat("an image of ", image.width, "x", image.height,
                     " pixels cannot have ", image.rgb.size(), " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace verso
