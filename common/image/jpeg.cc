#include "common/image/jpeg.h"

#include <turbojpeg.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/decode_limits.h"
#include "common/image/metadata.h"
#include "common/image/probe.h"

namespace verso {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using TurboHandle = std::unique_ptr<void, Destroy>;

absl::Status CheckPlain(const ImageProbe& probe) {
  if (probe.format != "jpeg") {
    return absl::InvalidArgumentError(
        absl::StrCat("not a JPEG but a ", probe.format, " image"));
  }
  RETURN_IF_ERROR(CheckLimits(probe, DecodeLimits()));
  if (probe.orientation != 1 || (!probe.color_profile.empty() &&
                                 !IsSrgbDescription(probe.color_profile))) {
    return absl::UnimplementedError(
        "the JPEG has an EXIF orientation or a colour profile; decode it with "
        "DecodeImage()");
  }
  return absl::OkStatus();
}

absl::Status BrokenJpeg(const TurboHandle& turbo) {
  return absl::DataLossError(
      absl::StrCat("the jpeg image is truncated or broken (",
                   tjGetErrorStr2(turbo.get()), ")"));
}

int TurboSubsampling(ChromaSubsampling subsampling) {
  switch (subsampling) {
    case ChromaSubsampling::k444:
      return TJSAMP_444;
    case ChromaSubsampling::k422:
      return TJSAMP_422;
    case ChromaSubsampling::k420:
      return TJSAMP_420;
  }
  return TJSAMP_444;
}

}  // namespace

absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const ImageProbe probe, ProbeImage(bytes));
  RETURN_IF_ERROR(CheckPlain(probe));
  const TurboHandle turbo(tjInitDecompress());
  if (turbo == nullptr) return absl::ResourceExhaustedError(tjGetErrorStr());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colors = 0;
  if (tjDecompressHeader3(turbo.get(), data, bytes.size(), &width, &height,
                          &subsampling, &colors) != 0) {
    return BrokenJpeg(turbo);
  }
  if (colors != TJCS_YCbCr && colors != TJCS_GRAY) {
    return absl::UnimplementedError(
        "the JPEG is neither grey nor YCbCr; decode it with DecodeImage()");
  }
  if (width != probe.width || height != probe.height) {
    return absl::DataLossError("the jpeg image states two sizes");
  }
  Image image{width, height, {}};
  image.rgb.resize(size_t{3} * width * height);
  if (tjDecompress2(turbo.get(), data, bytes.size(), image.rgb.data(), width,
                    /*pitch=*/0, height, TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0) {
    return BrokenJpeg(turbo);
  }
  return image;
}

absl::StatusOr<std::string> EncodeJpeg(const Image& image, int quality,
                                       ChromaSubsampling subsampling) {
  if (quality < 1 || quality > 100) {
    return absl::InvalidArgumentError(
        absl::StrCat("JPEG quality is 1 to 100, not ", quality));
  }
  RETURN_IF_ERROR(CheckImage(image));
  const TurboHandle turbo(tjInitCompress());
  if (turbo == nullptr) return absl::ResourceExhaustedError(tjGetErrorStr());
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): turbojpeg's type.
  const int failed =
      tjCompress2(turbo.get(), image.rgb.data(), image.width, /*pitch=*/0,
                  image.height, TJPF_RGB, &jpeg, &size,
                  TurboSubsampling(subsampling), quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(jpeg, tjFree);
  if (failed != 0) {
    return absl::InvalidArgumentError(tjGetErrorStr2(turbo.get()));
  }
  return std::string(reinterpret_cast<const char*>(jpeg), size);
}

}  // namespace verso
