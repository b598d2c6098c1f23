#include "tests/shardstore/near_duplicates/alterations.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/base/check.h"
#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/resize.h"

namespace verso::testing {
namespace {

Image Decoded(const absl::StatusOr<std::string>& bytes) {
  VERSO_CHECK(bytes.ok());
  absl::StatusOr<Image> image = DecodeImage(*bytes);
  VERSO_CHECK(image.ok());
  return *std::move(image);
}

int Between(Random& random, int low, int high) {
  return low + random.Below(high - low + 1);
}

Image Scaled(const Image& picture, double across, double down) {
  const auto side = [](int from, double scale) {
    return std::max(16, static_cast<int>(std::lround(from * scale)));
  };
  absl::StatusOr<Image> image =
      Resize(picture, side(picture.width, across), side(picture.height, down));
  VERSO_CHECK(image.ok());
  return *std::move(image);
}

uint8_t ToByte(float value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.f, 255.f));
}

Image AsJpeg(const Image& picture, Random& random) {
  return SavedAsJpeg(picture, Between(random, 30, 95));
}

Image AsWebp(const Image& picture, Random& random) {
  return Decoded(EncodeWebp(picture, Between(random, 30, 95)));
}

Image AsPng(const Image& picture, Random&) {
  return Decoded(EncodePng(picture));
}

Image Resized(const Image& picture, Random& random) {
  const double scale = 0.3 * std::pow(5, random.Uniform());
  return SavedAsJpeg(Scaled(picture, scale, scale), 90);
}

Image Squashed(const Image& picture, Random& random) {
  const double ratio = random.Uniform(1.05f, 1.3f);
  return random.Chance(0.5f) ? Scaled(picture, 1, 1 / ratio)
                             : Scaled(picture, 1 / ratio, 1);
}

Image ColourShifted(const Image& picture, Random& random) {
  const float contrast = random.Uniform(0.8f, 1.2f);
  const float brightness = random.Uniform(-20, 20);
  Image image = picture;
  float gains[3];
  for (float& gain : gains) gain = contrast * random.Uniform(0.9f, 1.1f);
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] =
        ToByte(128 + brightness + (image.rgb[i] - 128) * gains[i % 3]);
  }
  return image;
}

Image Grey(const Image& picture, Random&) {
  Image image = picture;
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    const uint8_t grey =
        ToByte(0.299f * image.rgb[i] + 0.587f * image.rgb[i + 1] +
               0.114f * image.rgb[i + 2]);
    std::fill_n(image.rgb.begin() + static_cast<std::ptrdiff_t>(i), 3, grey);
  }
  return image;
}

// `picture` in the middle of a larger one that `paint(x, y)` colours; x and y
// are counted from the outer edge.
template <typename Paint>
Image Surrounded(const Image& picture, int margin, Paint paint) {
  Image image{picture.width + 2 * margin, picture.height + 2 * margin, {}};
  image.rgb.resize(size_t{3} * image.width * image.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      uint8_t* to = &image.rgb[3 * (static_cast<size_t>(y) * image.width + x)];
      const int px = x - margin;
      const int py = y - margin;
      if (px >= 0 && py >= 0 && px < picture.width && py < picture.height) {
        const size_t from = 3 * (static_cast<size_t>(py) * picture.width + px);
        std::copy_n(&picture.rgb[from], 3, to);
      } else {
        paint(x, y, to);
      }
    }
  }
  return image;
}

int MarginOf(const Image& picture, Random& random, float low, float high) {
  const int longer = std::max(picture.width, picture.height);
  return std::max(1, static_cast<int>(longer * random.Uniform(low, high)));
}

Image Bordered(const Image& picture, Random& random) {
  const uint8_t colors[3] = {static_cast<uint8_t>(random.Below(256)),
                             static_cast<uint8_t>(random.Below(256)),
                             static_cast<uint8_t>(random.Below(256))};
  const int kind = random.Below(4);  // White and black are the usual ones.
  const auto paint = [&](int, int, uint8_t* to) {
    for (int c = 0; c < 3; ++c) {
      to[c] = kind == 0 ? 255 : kind == 1 ? 0 : colors[c];
    }
  };
  return SavedAsJpeg(
      Surrounded(picture, MarginOf(picture, random, 0.02f, 0.2f), paint), 90);
}

Image Framed(const Image& picture, Random& random) {
  const float wood[3] = {random.Uniform(60, 180), random.Uniform(40, 130),
                         random.Uniform(10, 80)};
  const float stripes = random.Uniform(0.15f, 0.6f);
  const auto paint = [&](int x, int y, uint8_t* to) {
    const float light = 30 * std::sin(stripes * static_cast<float>(x + 2 * y)) +
                        12 * random.Normal();
    for (int c = 0; c < 3; ++c) to[c] = ToByte(wood[c] + light);
  };
  const auto mat = [](int, int, uint8_t* to) { std::fill_n(to, 3, 235); };
  const Image matted =
      Surrounded(picture, MarginOf(picture, random, 0.01f, 0.04f), mat);
  return SavedAsJpeg(
      Surrounded(matted, MarginOf(picture, random, 0.03f, 0.08f), paint), 90);
}

Image CropWide(const Image& picture, Random& random) {
  return CroppedTo(picture, random.Uniform(0.8f, 0.95f), random);
}
Image CropMiddle(const Image& picture, Random& random) {
  return CroppedTo(picture, random.Uniform(0.65f, 0.8f), random);
}
Image CropClose(const Image& picture, Random& random) {
  return CroppedTo(picture, random.Uniform(0.5f, 0.65f), random);
}

// What a site does to what it is given.
Image SavedAnew(const Image& picture, Random& random) {
  const double scale = random.Uniform(0.4f, 1.2f);
  const Image shifted = ColourShifted(Scaled(picture, scale, scale), random);
  return SavedAsJpeg(shifted, Between(random, 40, 90));
}

Image CropSaved(const Image& picture, Random& random) {
  return SavedAnew(CroppedTo(picture, random.Uniform(0.6f, 0.95f), random),
                   random);
}

Image BorderSaved(const Image& picture, Random& random) {
  return SavedAnew(Bordered(picture, random), random);
}

}  // namespace

const std::vector<Alteration>& Alterations() {
  static const auto* const kAlterations = new std::vector<Alteration>{
      {"jpeg", AsJpeg, false},
      {"webp", AsWebp, false},
      {"png", AsPng, false},
      {"resized", Resized, false},
      {"squashed", Squashed, false},
      {"colour", ColourShifted, false},
      {"grey", Grey, false},
      {"border", Bordered, false},
      {"frame", Framed, false},
      {"crop_80_95", CropWide, false},
      {"crop_65_80", CropMiddle, true},
      {"crop_50_65", CropClose, true},
      {"crop_saved", CropSaved, false},
      {"border_saved", BorderSaved, false},
  };
  return *kAlterations;
}

Image SavedAsJpeg(const Image& picture, int quality) {
  return Decoded(EncodeJpeg(picture, quality, ChromaSubsampling::k420));
}

Image CroppedTo(const Image& picture, double share, Random& random) {
  const int width = static_cast<int>(picture.width * share);
  const int height = static_cast<int>(picture.height * share);
  absl::StatusOr<Image> crop =
      Crop(picture, random.Below(picture.width - width + 1),
           random.Below(picture.height - height + 1), width, height);
  VERSO_CHECK(crop.ok());
  return *std::move(crop);
}

Image Mirrored(const Image& picture) {
  Image image = picture;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const size_t row = static_cast<size_t>(y) * picture.width;
      std::copy_n(&picture.rgb[3 * (row + picture.width - 1 - x)], 3,
                  &image.rgb[3 * (row + x)]);
    }
  }
  return image;
}

}  // namespace verso::testing
