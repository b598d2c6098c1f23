#include "common/image/decode.h"

#include <turbojpeg.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string WithOrientation(const Image& image, int orientation) {
  return WithJpegSegment(EncodeJpeg(image, 95).value(), 0xe1,
                         std::string("Exif\0\0", 6) + MakeExif(orientation));
}

// What EXIF says of (x, y) in the turned picture: where it lies in the file.
std::pair<int, int> SourceOf(int orientation, int x, int y, const Image& from) {
  const int right = from.width - 1;
  const int bottom = from.height - 1;
  switch (orientation) {
    case 2:
      return {right - x, y};
    case 3:
      return {right - x, bottom - y};
    case 4:
      return {x, bottom - y};
    case 5:
      return {y, x};
    case 6:
      return {y, bottom - x};
    case 7:
      return {right - y, bottom - x};
    case 8:
      return {right - y, x};
    default:
      return {x, y};
  }
}

Image Turned(const Image& from, int orientation) {
  const bool aside = orientation >= 5;
  Image to{
      aside ? from.height : from.width, aside ? from.width : from.height, {}};
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const auto [u, v] = SourceOf(orientation, x, y, from);
      const auto pixel = from.rgb.begin() + 3 * (v * from.width + u);
      to.rgb.insert(to.rgb.end(), pixel, pixel + 3);
    }
  }
  return to;
}

TEST(DecodeTest, APngComesBackAsItWas) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Image image = Painting(20 + 13 * seed, 90 - 9 * seed, seed);
    ASSERT_OK_AND_ASSIGN(const std::string png, EncodePng(image));
    ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(png));
    EXPECT_EQ(MaxDifference(decoded, image), 0) << "seed " << seed;
  }
}

TEST(DecodeTest, LossyFormatsComeBackAlike) {
  const Image image = Painting(120, 90);
  for (const std::string& bytes :
       {EncodeJpeg(image, 95).value(), EncodeWebp(image, 95).value()}) {
    ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(bytes));
    EXPECT_LT(MeanDifference(decoded, image), 3);
  }
}

TEST(DecodeTest, DecodesAStillGif) {
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(MakeGif(30, 20, "2")));
  EXPECT_EQ(MaxDifference(decoded, Flat(30, 20, 100, 100, 100)), 0);
}

TEST(DecodeTest, AppliesEveryOrientation) {
  const Image image = Painting(40, 24);
  ASSERT_OK_AND_ASSIGN(const Image plain,
                       DecodeImage(WithOrientation(image, 1)));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    ASSERT_OK_AND_ASSIGN(const Image turned,
                         DecodeImage(WithOrientation(image, orientation)));
    EXPECT_EQ(MaxDifference(turned, Turned(plain, orientation)), 0)
        << "orientation " << orientation;
  }
}

TEST(DecodeTest, AppliesTheOrientationOfAPng) {
  const std::string png =
      MakePng(2, 1, 8, 0, "\x10\x20", PngChunk("eXIf", MakeExif(6)));
  ASSERT_OK_AND_ASSIGN(const Image turned, DecodeImage(png));
  EXPECT_EQ(turned.width, 1);
  EXPECT_THAT(turned.rgb, ElementsAre(16, 16, 16, 32, 32, 32));
}

TEST(DecodeTest, FlattensAlphaOverGrey) {
  const std::string samples(
      "\xff\0\0\0"
      "\xff\0\0\x80"
      "\xff\0\0\xff",
      12);
  ASSERT_OK_AND_ASSIGN(const Image decoded,
                       DecodeImage(MakePng(3, 1, 8, 6, samples)));
  EXPECT_THAT(decoded.rgb, ElementsAre(128, 128, 128, 191, 63, 63, 255, 0, 0));
}

TEST(DecodeTest, FlattensSixteenBitAlphaAlike) {
  const std::string samples(
      "\xff\xff\0\0\0\0\0\0"
      "\xff\xff\0\0\0\0\x80\x80"
      "\xff\xff\0\0\0\0\xff\xff",
      24);
  ASSERT_OK_AND_ASSIGN(const Image decoded,
                       DecodeImage(MakePng(3, 1, 16, 6, samples)));
  EXPECT_THAT(decoded.rgb, ElementsAre(128, 128, 128, 191, 63, 63, 255, 0, 0));
}

TEST(DecodeTest, FlattensGreyWithAlpha) {
  const std::string samples("\xff\0\xff\xff", 4);
  ASSERT_OK_AND_ASSIGN(const Image decoded,
                       DecodeImage(MakePng(2, 1, 8, 4, samples)));
  EXPECT_THAT(decoded.rgb, ElementsAre(128, 128, 128, 255, 255, 255));
}

TEST(DecodeTest, DecodesSixteenBitGrey) {
  ASSERT_OK_AND_ASSIGN(
      const Image decoded,
      DecodeImage(
          MakePng(2, 1, 16, 0, absl::string_view("\x40\0\xff\xff", 4))));
  EXPECT_THAT(decoded.rgb, ElementsAre(64, 64, 64, 255, 255, 255));
}

TEST(DecodeTest, AppliesAColorProfile) {
  const Image red = Flat(16, 16, 230, 20, 20);
  const std::string jpeg = WithJpegSegment(
      EncodeJpeg(red, 95).value(), 0xe2,
      std::string("ICC_PROFILE\0\1\1", 14) + SwappedProfile("Swapped"));
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(jpeg));
  EXPECT_LT(decoded.rgb[0], 60);
  EXPECT_GT(decoded.rgb[1], 200);
}

TEST(DecodeTest, LeavesAProfileAloneThatCallsItselfSrgb) {
  const std::string jpeg = EncodeJpeg(Painting(32, 32), 95).value();
  const std::string with_profile =
      WithJpegSegment(jpeg, 0xe2,
                      std::string("ICC_PROFILE\0\1\1", 14) +
                          SwappedProfile("sRGB IEC61966-2.1"));
  ASSERT_OK_AND_ASSIGN(const Image plain, DecodeImage(jpeg));
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(with_profile));
  EXPECT_EQ(MaxDifference(plain, decoded), 0);
}

TEST(DecodeTest, ABrokenProfileCountsAsSrgb) {
  const std::string jpeg = EncodeJpeg(Painting(32, 32), 95).value();
  const std::string broken = WithJpegSegment(
      jpeg, 0xe2, std::string("ICC_PROFILE\0\1\1", 14) + "not a profile");
  ASSERT_OK_AND_ASSIGN(const Image plain, DecodeImage(jpeg));
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(broken));
  EXPECT_EQ(MaxDifference(plain, decoded), 0);
}

TEST(DecodeTest, RefusesTruncatedImagesOfEveryFormat) {
  const Image image = Painting(200, 150);
  const std::string files[] = {
      EncodeJpeg(image, 90).value(), EncodePng(image).value(),
      EncodeWebp(image, 90).value(), MakeGif(200, 150, "a")};
  for (const std::string& file : files) {
    for (const double part : {0.2, 0.5, 0.8, 0.95, 0.99}) {
      const auto cut = file.substr(0, static_cast<size_t>(file.size() * part));
      EXPECT_THAT(DecodeImage(cut), StatusIs(absl::StatusCode::kDataLoss))
          << ProbeImage(file)->format << " cut to " << part;
    }
    EXPECT_OK(DecodeImage(file));
  }
}

TEST(DecodeTest, RefusesPixelsMissingInsideAWholeFile) {
  // The container is whole, the compressed pixels end early.
  const std::string png = EncodePng(Painting(200, 150)).value();
  const size_t data = png.find("IDAT") + 4;
  const std::string half = absl::StrCat(
      png.substr(0, data - 8), PngChunk("IDAT", png.substr(data, 2000)),
      PngChunk("IEND", ""));
  EXPECT_THAT(DecodeImage(half), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(DecodeTest, RefusesAJpegWhoseScanEndsEarly) {
  const std::string jpeg = EncodeJpeg(Painting(200, 150), 90).value();
  const std::string half = jpeg.substr(0, jpeg.size() / 2) + "\xff\xd9";
  EXPECT_THAT(DecodeImage(half), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(DecodeTest, RefusesAnimations) {
  EXPECT_THAT(DecodeImage(MakeGif(4, 4, "abc")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("animated (3 frames)")));
}

TEST(DecodeTest, RefusesABombByItsHeader) {
  const std::string bomb = MakePng(50000, 50000, 1, 0, "");
  EXPECT_THAT(DecodeImage(bomb), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("50000x50000")));
}

TEST(DecodeTest, HoldsTheCallersLimits) {
  const std::string png = EncodePng(Painting(40, 30)).value();
  EXPECT_OK(DecodeImage(png, {.max_pixels = 1200, .max_side = 40}));
  EXPECT_THAT(DecodeImage(png, {.max_pixels = 1199}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(DecodeImage(png, {.max_side = 39}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DecodeTest, DecodesCmykAndGreyJpegs) {
  const std::vector<uint8_t> pixels(16 * 16 * 4, 255);
  tjhandle turbo = tjInitCompress();
  for (const auto& [format, sampling] :
       {std::pair(TJPF_CMYK, TJSAMP_444), std::pair(TJPF_GRAY, TJSAMP_GRAY)}) {
    unsigned char* jpeg = nullptr;
    unsigned long size = 0;  // NOLINT(google-runtime-int)
    ASSERT_EQ(tjCompress2(turbo, pixels.data(), 16, 0, 16, format, &jpeg, &size,
                          sampling, 95, 0),
              0);
    ASSERT_OK_AND_ASSIGN(const Image decoded,
                         DecodeImage({reinterpret_cast<char*>(jpeg), size}));
    // Adobe stores CMYK inverted: 255 is no ink, which is white.
    EXPECT_LE(MaxDifference(decoded, Flat(16, 16, 255, 255, 255)), 3);
    tjFree(jpeg);
  }
  tjDestroy(turbo);
}

TEST(DecodeTest, ManyThreadsDecodeAtOnce) {
  const std::string good = EncodePng(Painting(64, 64)).value();
  const std::string bad = good.substr(0, good.size() / 2);
  std::vector<std::thread> threads;
  std::vector<int> decoded(4);
  for (int& count : decoded) {
    threads.emplace_back([&good, &bad, &count] {
      for (int i = 0; i < 25; ++i) {
        count += DecodeImage(good).ok() ? 1 : 0;
        count += DecodeImage(bad).ok() ? 100 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(decoded, ElementsAre(25, 25, 25, 25));
}

}  // namespace
}  // namespace verso
