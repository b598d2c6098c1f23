#include "common/image/decode.h"

#include <vips/vips.h>
#include <webp/decode.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/byte_reader.h"
#include "common/image/metadata.h"
#include "common/image/probe.h"
#include "common/image/vips_runtime.h"

namespace verso {
namespace {

constexpr int kGrey = 128;  // What alpha is flattened over.
constexpr int kOpaque = 255;
constexpr int kColors = 3;
constexpr int kStripRows = 16;

struct VipsRegionUnref {
  void operator()(VipsRegion* region) const { g_object_unref(region); }
};

absl::Status BrokenImage(const ImageProbe& probe) {
  return absl::DataLossError(absl::StrCat("the ", probe.format,
                                          " image is truncated or broken (",
                                          TakeVipsError(), ")"));
}

// The limits were held against what our own parser says.
absl::Status CheckSize(int width, int height, const ImageProbe& probe) {
  if (width == probe.width && height == probe.height) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the ", probe.format, " image states two sizes"));
}

using BufferLoader = int (*)(void* bytes, size_t size, VipsImage** out, ...);

// An allow-list: libvips has loaders that run programs and read other files.
BufferLoader LoaderOf(const ImageProbe& probe) {
  if (probe.format == "jpeg") return vips_jpegload_buffer;
  if (probe.format == "png") return vips_pngload_buffer;
  return vips_gifload_buffer;
}

// The profile in the bytes of a WebP file; empty: none.
absl::string_view WebpProfile(absl::string_view bytes) {
  ByteReader in(bytes, ByteOrder::kLittleEndian);
  in.Skip(12);
  while (in.ok()) {
    const absl::string_view type = in.Bytes(4);
    const uint32_t size = in.U32();
    const absl::string_view data = in.Bytes(size);
    if (type == "ICCP") return data;
    in.Skip(size % 2);
  }
  return {};
}

// By libwebp: the loader of libvips starts threads, which a sandbox forbids.
absl::StatusOr<VipsImagePtr> LoadWebp(absl::string_view bytes,
                                      const ImageProbe& probe) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0 ||
      WebPGetFeatures(data, bytes.size(), &config.input) != VP8_STATUS_OK) {
    return BrokenImage(probe);
  }
  if (config.input.has_animation) {
    return absl::InvalidArgumentError(
        "the webp image is animated (1 frame); only still images are taken");
  }
  RETURN_IF_ERROR(CheckSize(config.input.width, config.input.height, probe));
  const int bands = config.input.has_alpha ? 4 : 3;
  VipsImagePtr image(vips_image_new_memory());
  vips_image_init_fields(image.get(), probe.width, probe.height, bands,
                         VIPS_FORMAT_UCHAR, VIPS_CODING_NONE,
                         VIPS_INTERPRETATION_sRGB, 1, 1);
  if (vips_image_write_prepare(image.get()) != 0) return BrokenImage(probe);
  config.output.colorspace = bands == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = VIPS_IMAGE_ADDR(image.get(), 0, 0);
  config.output.u.RGBA.stride = probe.width * bands;
  config.output.u.RGBA.size = VIPS_IMAGE_SIZEOF_IMAGE(image.get());
  const VP8StatusCode code = WebPDecode(data, bytes.size(), &config);
  if (code == VP8_STATUS_OUT_OF_MEMORY) {
    return absl::ResourceExhaustedError("the webp image: out of memory");
  }
  if (code != VP8_STATUS_OK) return BrokenImage(probe);
  if (const auto profile = WebpProfile(bytes); !profile.empty()) {
    vips_image_set_blob_copy(image.get(), VIPS_META_ICC_NAME, profile.data(),
                             profile.size());
  }
  return image;
}

// A scan that ends early is a mere warning of libjpeg: the rest stays grey.
VipsFailOn FailOn(const ImageProbe& probe) {
  return probe.format == "jpeg" ? VIPS_FAIL_ON_WARNING : VIPS_FAIL_ON_ERROR;
}

absl::StatusOr<VipsImagePtr> Load(absl::string_view bytes,
                                  const ImageProbe& probe) {
  if (probe.format == "webp") return LoadWebp(bytes, probe);
  VipsImage* out = nullptr;
  const BufferLoader load = LoaderOf(probe);
  if (load(const_cast<char*>(bytes.data()), bytes.size(), &out, "access",
           VIPS_ACCESS_SEQUENTIAL, "fail_on", FailOn(probe), nullptr) != 0) {
    return BrokenImage(probe);
  }
  VipsImagePtr image(out);
  RETURN_IF_ERROR(CheckSize(image->Xsize, image->Ysize, probe));
  return image;
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

// Copies a row of pixels, their alpha flattened: libvips' own way starts a
// thread for the sake of one grey pixel.
void CopyRow(const uint8_t* from, int bands, int width, uint8_t* to) {
  if (bands == kColors) {
    std::memcpy(to, from, size_t{kColors} * width);
    return;
  }
  for (int x = 0; x < width; ++x, from += bands, to += kColors) {
    const int alpha = from[kColors];
    for (int c = 0; c < kColors; ++c) {
      to[c] = static_cast<uint8_t>(
          (from[c] * alpha + kGrey * (kOpaque - alpha)) / kOpaque);
    }
  }
}

// Decoding happens here: what stands above only says what to do. In this
// thread: libvips' own way starts others, which a sandbox forbids, and needs
// the memory of the picture twice.
absl::StatusOr<Image> ReadPixels(VipsImagePtr source, const ImageProbe& probe) {
  const int bands = source->Bands;
  if ((bands != kColors && bands != kColors + 1) ||
      source->BandFmt != VIPS_FORMAT_UCHAR) {
    return absl::DataLossError(absl::StrCat("the ", probe.format, " image has ",
                                            bands,
                                            " channels, which is not a colour "
                                            "picture"));
  }
  Image image{source->Xsize, source->Ysize, {}};
  const size_t row_bytes = size_t{3} * image.width;
  image.rgb.resize(row_bytes * image.height);
  const std::unique_ptr<VipsRegion, VipsRegionUnref> region(
      vips_region_new(source.get()));
  for (int top = 0; top < image.height; top += kStripRows) {
    const int rows = std::min(kStripRows, image.height - top);
    const VipsRect strip = {0, top, image.width, rows};
    if (vips_region_prepare(region.get(), &strip) != 0) {
      return BrokenImage(probe);
    }
    for (int y = top; y < top + rows; ++y) {
      CopyRow(VIPS_REGION_ADDR(region.get(), 0, y), bands, image.width,
              &image.rgb[row_bytes * y]);
    }
  }
  return image;
}

// As EXIF means it: 2 to 4 mirror and turn in place, 5 to 8 also exchange the
// axes. Every format and decoder agrees on it, since it is ours.
Image Turn(Image from, int orientation) {
  if (orientation == 1) return from;
  const bool transposes = orientation >= 5;
  const bool flips_x = orientation == 2 || orientation == 3 ||
                       orientation == 7 || orientation == 8;
  const bool flips_y = orientation == 3 || orientation == 4 ||
                       orientation == 6 || orientation == 7;
  Image to{transposes ? from.height : from.width,
           transposes ? from.width : from.height,
           {}};
  to.rgb.resize(from.rgb.size());
  uint8_t* out = to.rgb.data();
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x, out += 3) {
      const int u = transposes ? y : x;
      const int v = transposes ? x : y;
      const size_t column = flips_x ? from.width - 1 - u : u;
      const size_t row = flips_y ? from.height - 1 - v : v;
      std::memcpy(out, &from.rgb[3 * (row * from.width + column)], 3);
    }
  }
  return to;
}

}  // namespace

absl::StatusOr<Image> DecodeImage(absl::string_view bytes,
                                  const DecodeLimits& limits) {
  ASSIGN_OR_RETURN(const ImageProbe probe, ProbeImage(bytes));
  RETURN_IF_ERROR(CheckLimits(probe, limits));
  UseVips();
  ASSIGN_OR_RETURN(VipsImagePtr image, Load(bytes, probe));
  ASSIGN_OR_RETURN(image, ToSrgb(std::move(image), probe));
  ASSIGN_OR_RETURN(Image pixels, ReadPixels(std::move(image), probe));
  return Turn(std::move(pixels), probe.orientation);
}

}  // namespace verso
