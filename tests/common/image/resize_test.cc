#include "common/image/resize.h"

#include "gtest/gtest.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;

TEST(ResizeTest, GivesTheSizeThatWasAskedFor) {
  const Image image = Painting(97, 41);
  for (const auto& [width, height] :
       {std::pair(1, 1), {224, 224}, {50, 100}, {96, 42}, {300, 7}}) {
    ASSERT_OK_AND_ASSIGN(const Image resized, Resize(image, width, height));
    EXPECT_EQ(resized.width, width);
    EXPECT_EQ(resized.height, height);
    EXPECT_EQ(resized.rgb.size(), size_t{3} * width * height);
  }
}

TEST(ResizeTest, TheSameSizeGivesTheSamePixels) {
  const Image image = Painting(31, 17);
  ASSERT_OK_AND_ASSIGN(const Image resized, Resize(image, 31, 17));
  EXPECT_EQ(MaxDifference(image, resized), 0);
}

TEST(ResizeTest, AFlatPictureStaysFlat) {
  ASSERT_OK_AND_ASSIGN(const Image resized,
                       Resize(Flat(64, 48, 10, 128, 250), 37, 91));
  EXPECT_EQ(MaxDifference(resized, Flat(37, 91, 10, 128, 250)), 0);
}

TEST(ResizeTest, ShrinkingRemovesWhatWouldAlias) {
  Image stripes = Flat(256, 8, 0, 0, 0);
  for (size_t i = 0; i < stripes.rgb.size(); ++i) {
    stripes.rgb[i] = (i / 3) % 2 == 0 ? 0 : 255;
  }
  ASSERT_OK_AND_ASSIGN(const Image resized, Resize(stripes, 64, 8));
  ASSERT_OK_AND_ASSIGN(const Image inside, Crop(resized, 4, 0, 56, 8));
  EXPECT_LE(MaxDifference(inside, Flat(56, 8, 128, 128, 128)), 2);
}

TEST(ResizeTest, GrowingAndShrinkingAgainComesBack) {
  const Image image = Painting(60, 60);
  ASSERT_OK_AND_ASSIGN(const Image large, Resize(image, 180, 180));
  ASSERT_OK_AND_ASSIGN(const Image again, Resize(large, 60, 60));
  EXPECT_LT(MeanDifference(image, again), 1.5);
}

TEST(ResizeTest, WeighsPixelsAsLanczos3Does) {
  // An edge of 0 and 255 at twice the size. The sample a quarter pixel before
  // it: L(0.75) + L(1.75) + L(2.75) = 0.270 - 0.068 + 0.007 of 255; the ones
  // farther away over- and undershoot.
  Image edge = Flat(12, 1, 0, 0, 0);
  for (int i = 18; i < 36; ++i) edge.rgb[i] = 255;
  ASSERT_OK_AND_ASSIGN(const Image large, Resize(edge, 24, 1));
  std::vector<int> samples;
  for (int x = 9; x < 15; ++x) samples.push_back(large.rgb[3 * x]);
  EXPECT_THAT(samples, ElementsAre(0, 0, 54, 201, 255, 255));
}

TEST(ResizeTest, RefusesNonsense) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Resize(Painting(8, 8), 0, 8), refused);
  EXPECT_THAT(Resize(Painting(8, 8), 8, 20000), refused);
  EXPECT_THAT(Resize(Image{3, 3, {1}}, 8, 8), refused);
}

TEST(CropTest, TakesThePixelsOfTheRectangle) {
  Image image = Flat(4, 3, 0, 0, 0);
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = i;
  ASSERT_OK_AND_ASSIGN(const Image crop, Crop(image, 1, 1, 2, 2));
  EXPECT_EQ(crop.width, 2);
  EXPECT_THAT(crop.rgb,
              ElementsAre(15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32));
}

TEST(CropTest, RefusesARectangleThatSticksOut) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  const Image image = Painting(10, 8);
  EXPECT_THAT(Crop(image, 1, 0, 10, 8), refused);
  EXPECT_THAT(Crop(image, 0, 1, 10, 8), refused);
  EXPECT_THAT(Crop(image, -1, 0, 5, 5), refused);
  EXPECT_THAT(Crop(image, 0, 0, 0, 5), refused);
  EXPECT_THAT(Crop(image, 2147483647, 0, 5, 5), refused);
  EXPECT_OK(Crop(image, 0, 0, 10, 8));
}

}  // namespace
}  // namespace verso
