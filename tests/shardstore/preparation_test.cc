#include "shardstore/preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/probe.h"
#include "tests/shardstore/dataset_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::DrawnJpeg;
using ::verso::testing::StatusIs;

Preparation Mode(PreparationMode mode, int size) {
  Preparation preparation;
  preparation.set_mode(mode);
  preparation.set_size(size);
  preparation.set_jpeg_quality(95);
  return preparation;
}

// A picture whose pixel (x, y) has red x and green y.
std::string Coordinates(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<uint8_t>(x));
      image.rgb.push_back(static_cast<uint8_t>(y));
      image.rgb.push_back(0);
    }
  }
  return EncodePng(image).value();
}

TEST(PreparationTest, NativeCropTakesTheMiddlePixelsAsTheyAre) {
  ASSERT_OK_AND_ASSIGN(
      const PreparedImage prepared,
      PrepareImage(Coordinates(100, 80), Mode(NATIVE_CROP, 40)));
  EXPECT_EQ(prepared.width, 40);
  EXPECT_EQ(prepared.height, 40);
  EXPECT_EQ(prepared.scale, 1);
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(prepared.jpeg));
  for (const int at : {0, 15, 39}) {  // Within what JPEG 95 changes.
    const uint8_t* pixel = &image.rgb[3 * (at * 40 + at)];
    EXPECT_NEAR(pixel[0], 30 + at, 4);
    EXPECT_NEAR(pixel[1], 20 + at, 4);
  }
}

TEST(PreparationTest, NativeCropNeverEnlarges) {
  EXPECT_THAT(PrepareImage(DrawnJpeg(100, 39, 1), Mode(NATIVE_CROP, 40)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("100x39, smaller than the crop of 40")));
}

TEST(PreparationTest, SquareResizeShrinksTheMiddleSquare) {
  ASSERT_OK_AND_ASSIGN(
      const PreparedImage prepared,
      PrepareImage(Coordinates(120, 80), Mode(SQUARE_RESIZE, 20)));
  EXPECT_EQ(prepared.width, 20);
  EXPECT_EQ(prepared.height, 20);
  EXPECT_EQ(prepared.scale, 0.25);
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(prepared.jpeg));
  const uint8_t* middle = &image.rgb[3 * (10 * 20 + 10)];
  EXPECT_NEAR(middle[0], 62, 5);
  EXPECT_NEAR(middle[1], 42, 5);
}

TEST(PreparationTest, SquareResizeEnlargesAsTheStudyDid) {
  ASSERT_OK_AND_ASSIGN(
      const PreparedImage prepared,
      PrepareImage(DrawnJpeg(64, 32, 1), Mode(SQUARE_RESIZE, 64)));
  EXPECT_EQ(prepared.width, 64);
  EXPECT_EQ(prepared.scale, 2);
}

TEST(PreparationTest, AsIsKeepsTheSize) {
  ASSERT_OK_AND_ASSIGN(const PreparedImage prepared,
                       PrepareImage(DrawnJpeg(90, 70, 1), Mode(AS_IS, 0)));
  EXPECT_EQ(prepared.width, 90);
  EXPECT_EQ(prepared.height, 70);
  EXPECT_EQ(prepared.scale, 1);
}

TEST(PreparationTest, EveryModeEndsAsThatJpeg) {
  for (const Preparation& preparation :
       {Mode(AS_IS, 0), Mode(SQUARE_RESIZE, 48), Mode(NATIVE_CROP, 48)}) {
    ASSERT_OK_AND_ASSIGN(const PreparedImage prepared,
                         PrepareImage(Coordinates(60, 60), preparation));
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(prepared.jpeg));
    EXPECT_EQ(probe.format, "jpeg");
    EXPECT_EQ(probe.encoder.chroma_subsampling(), "4:4:4");
    EXPECT_EQ(probe.encoder.estimated_quality(), 95);
  }
}

TEST(PreparationTest, TheSameInputGivesTheSameBytes) {
  const std::string jpeg = DrawnJpeg(90, 70, 5);
  EXPECT_EQ(PrepareImage(jpeg, Mode(SQUARE_RESIZE, 32))->jpeg,
            PrepareImage(jpeg, Mode(SQUARE_RESIZE, 32))->jpeg);
}

TEST(PreparationTest, RefusesABrokenPicture) {
  std::string jpeg = DrawnJpeg(90, 70, 5);
  jpeg.resize(jpeg.size() / 2);
  EXPECT_FALSE(PrepareImage(jpeg, Mode(AS_IS, 0)).ok());
}

TEST(PreparationTest, KnowsBeforehandWhatIsTooSmall) {
  EXPECT_FALSE(FitsPreparation(39, Mode(NATIVE_CROP, 40)));
  EXPECT_TRUE(FitsPreparation(40, Mode(NATIVE_CROP, 40)));
  EXPECT_TRUE(FitsPreparation(0, Mode(NATIVE_CROP, 40)));  // Not known.
  EXPECT_TRUE(FitsPreparation(1, Mode(SQUARE_RESIZE, 40)));
}

}  // namespace
}  // namespace verso
