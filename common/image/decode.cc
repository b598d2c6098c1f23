#include "common/image/decode.h"

#include <vips/vips.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/metadata.h"
#include "common/image/probe.h"
#include "common/image/vips_runtime.h"

namespace verso {
namespace {

constexpr double kGrey = 128;  // What alpha is flattened over.

absl::Status BrokenImage(const ImageProbe& probe) {
  return absl::DataLossError(absl::StrCat("the ", probe.format,
                                          " image is truncated or broken (",
                                          TakeVipsError(), ")"));
}

using BufferLoader = int (*)(void* bytes, size_t size, VipsImage** out, ...);

// An allow-list: libvips has loaders that run programs and read other files.
BufferLoader LoaderOf(const ImageProbe& probe) {
  if (probe.format == "jpeg") return vips_jpegload_buffer;
  if (probe.format == "png") return vips_pngload_buffer;
  if (probe.format == "webp") return vips_webpload_buffer;
  return vips_gifload_buffer;
}

// A scan that ends early is a mere warning of libjpeg: the rest stays grey.
VipsFailOn FailOn(const ImageProbe& probe) {
  return probe.format == "jpeg" ? VIPS_FAIL_ON_WARNING : VIPS_FAIL_ON_ERROR;
}

absl::StatusOr<VipsImagePtr> Load(absl::string_view bytes,
                                  const ImageProbe& probe) {
  VipsImage* out = nullptr;
  const BufferLoader load = LoaderOf(probe);
  if (load(const_cast<char*>(bytes.data()), bytes.size(), &out, "access",
           VIPS_ACCESS_SEQUENTIAL, "fail_on", FailOn(probe), nullptr) != 0) {
    return BrokenImage(probe);
  }
  return VipsImagePtr(out);
}

// Turning needs the whole picture, which a sequential loader has not.
absl::StatusOr<VipsImagePtr> Turn(VipsImagePtr image, const ImageProbe& probe) {
  if (probe.orientation == 1) return image;
  VipsImage* out = nullptr;
  VipsImagePtr whole(vips_image_copy_memory(image.get()));
  if (whole == nullptr) return BrokenImage(probe);
  // Ours, so that every format and decoder agrees on what it is.
  vips_image_set_int(whole.get(), VIPS_META_ORIENTATION, probe.orientation);
  if (vips_autorot(whole.get(), &out, nullptr) != 0) return BrokenImage(probe);
  return VipsImagePtr(out);
}

// nullptr: the profile cannot be used.
VipsImagePtr ApplyProfile(VipsImage* image) {
  VipsImage* out = nullptr;
  if (vips_icc_transform(image, &out, "srgb", "embedded", TRUE, "intent",
                         VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE,
                         "depth", 8, nullptr) != 0) {
    vips_error_clear();
    return nullptr;
  }
  return VipsImagePtr(out);
}

absl::StatusOr<VipsImagePtr> ToSrgb(VipsImagePtr image,
                                    const ImageProbe& probe) {
  if (!probe.color_profile.empty() && !IsSrgbDescription(probe.color_profile)) {
    if (VipsImagePtr converted = ApplyProfile(image.get())) return converted;
  }
  VipsImage* out = nullptr;
  if (vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_sRGB, nullptr) !=
      0) {
    return BrokenImage(probe);
  }
  return VipsImagePtr(out);
}

absl::StatusOr<VipsImagePtr> Flatten(VipsImagePtr image,
                                     const ImageProbe& probe) {
  if (!vips_image_hasalpha(image.get())) return image;
  VipsImage* out = nullptr;
  VipsArrayDouble* grey = vips_array_double_newv(1, kGrey);
  const int failed =
      vips_flatten(image.get(), &out, "background", grey, nullptr);
  vips_area_unref(VIPS_AREA(grey));
  if (failed != 0) return BrokenImage(probe);
  return VipsImagePtr(out);
}

// Decoding happens here: what stands above only says what to do.
absl::StatusOr<Image> ReadPixels(VipsImagePtr image, const ImageProbe& probe) {
  if (image->Bands != 3 || image->BandFmt != VIPS_FORMAT_UCHAR) {
    return absl::DataLossError(absl::StrCat("the ", probe.format, " image has ",
                                            image->Bands,
                                            " channels, which is not a colour "
                                            "picture"));
  }
  size_t size = 0;
  auto* pixels =
      static_cast<uint8_t*>(vips_image_write_to_memory(image.get(), &size));
  if (pixels == nullptr) return BrokenImage(probe);
  Image result;
  result.width = image->Xsize;
  result.height = image->Ysize;
  result.rgb.assign(pixels, pixels + size);
  g_free(pixels);
  return result;
}

}  // namespace

absl::StatusOr<Image> DecodeImage(absl::string_view bytes,
                                  const DecodeLimits& limits) {
  ASSIGN_OR_RETURN(const ImageProbe probe, ProbeImage(bytes));
  RETURN_IF_ERROR(CheckLimits(probe, limits));
  UseVips();
  ASSIGN_OR_RETURN(VipsImagePtr image, Load(bytes, probe));
  ASSIGN_OR_RETURN(image, Turn(std::move(image), probe));
  ASSIGN_OR_RETURN(image, ToSrgb(std::move(image), probe));
  ASSIGN_OR_RETURN(image, Flatten(std::move(image), probe));
  return ReadPixels(std::move(image), probe);
}

}  // namespace verso
