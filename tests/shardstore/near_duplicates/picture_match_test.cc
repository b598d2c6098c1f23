#include "shardstore/near_duplicates/picture_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "common/image/resize.h"
#include "tests/common/image/test_pictures.h"
#include "tests/gallery/drawing/random.h"
#include "tests/shardstore/near_duplicates/alterations.h"
#include "tests/shardstore/near_duplicates/drawn_works.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

PictureMatch Compare(const Image& first, const Image& second) {
  const absl::StatusOr<PictureSketch> a = MakeSketch(first);
  const absl::StatusOr<PictureSketch> b = MakeSketch(second);
  EXPECT_OK(a);
  EXPECT_OK(b);
  return ComparePictures(*a, *b);
}

const DrawnWork& TheWork() {
  static const DrawnWork* const work = new DrawnWork(DrawWork(11));
  return *work;
}

TEST(PictureMatchTest, APictureIsItself) {
  const PictureMatch match = Compare(TheWork().picture, TheWork().picture);
  EXPECT_EQ(match.relation, PictureRelation::kSamePicture);
  EXPECT_NEAR(match.correlation, 1, 1e-4);
  EXPECT_NEAR(match.first.width(), 1, 0.01);
  EXPECT_NEAR(match.second.height(), 1, 0.01);
}

TEST(PictureMatchTest, SaysWhereADetailLies) {
  const Image& whole = TheWork().picture;
  const int x = whole.width / 4;
  const int y = whole.height / 8;
  const Image detail =
      *Crop(whole, x, y, whole.width / 2, whole.height * 5 / 8);
  const PictureMatch match = Compare(whole, detail);
  EXPECT_EQ(match.relation, PictureRelation::kSecondIsDetail);
  EXPECT_NEAR(match.first.left, 0.25, 0.01);
  EXPECT_NEAR(match.first.top, 0.125, 0.01);
  EXPECT_NEAR(match.first.right, 0.75, 0.01);
  EXPECT_NEAR(match.first.bottom, 0.75, 0.01);
  EXPECT_NEAR(match.second.area(), 1, 0.03);
}

TEST(PictureMatchTest, TheOrderOfThePicturesTurnsTheRelation) {
  Random random(1);
  const Image& whole = TheWork().picture;
  const Image detail = CroppedTo(whole, 0.6, random);
  EXPECT_EQ(Compare(detail, whole).relation, PictureRelation::kFirstIsDetail);
  EXPECT_EQ(Compare(whole, detail).relation, PictureRelation::kSecondIsDetail);
}

TEST(PictureMatchTest, TwoDetailsThatOverlapAreLinked) {
  const Image& whole = TheWork().picture;
  const int width = whole.width * 4 / 5;
  const Image left = *Crop(whole, 0, 0, width, whole.height);
  const Image right = *Crop(whole, whole.width - width, 0, width, whole.height);
  EXPECT_NE(Compare(left, right).relation, PictureRelation::kDifferent);
}

TEST(PictureMatchTest, AMirroredPictureIsDifferent) {
  EXPECT_EQ(Compare(TheWork().picture, Mirrored(TheWork().picture)).relation,
            PictureRelation::kDifferent);
}

TEST(PictureMatchTest, TheSameScenePaintedAgainIsDifferent) {
  EXPECT_EQ(Compare(TheWork().picture, TheWork().repainted).relation,
            PictureRelation::kDifferent);
}

TEST(PictureMatchTest, TwoPicturesInOneFrameAreDifferent) {
  // The same textured frame around both.
  const auto framed = [](const Image& picture) {
    for (const Alteration& alteration : Alterations()) {
      Random random(3);
      if (alteration.name == "frame") return alteration.apply(picture, random);
    }
    return Image();
  };
  const Image a = Painting(300, 240, 1);
  const Image b = Painting(300, 240, 2);
  EXPECT_EQ(Compare(framed(a), framed(b)).relation,
            PictureRelation::kDifferent);
  EXPECT_NE(Compare(framed(a), a).relation, PictureRelation::kDifferent);
}

TEST(PictureMatchTest, FlatPicturesSayNothing) {
  EXPECT_EQ(
      Compare(Flat(200, 200, 90, 90, 90), Flat(200, 200, 90, 90, 90)).relation,
      PictureRelation::kDifferent);
  EXPECT_EQ(Compare(Flat(200, 200, 90, 90, 90), TheWork().picture).relation,
            PictureRelation::kDifferent);
}

TEST(PictureMatchTest, PicturesOfAnySizeAreCompared) {
  const std::pair<int, int> sizes[] = {{1, 1},    {1, 400},  {400, 1},
                                       {2, 2},    {3000, 2}, {20, 20},
                                       {400, 15}, {24, 24},  {700, 90}};
  for (const auto& [width, height] : sizes) {
    for (const auto& [other_width, other_height] : sizes) {
      const PictureMatch match = Compare(
          Painting(width, height, 1), Painting(other_width, other_height, 2));
      EXPECT_LE(match.correlation, 1.0001);
      EXPECT_GE(match.correlation, -1.0001);
    }
  }
}

TEST(PictureMatchTest, AThumbnailIsFound) {
  const Image& whole = TheWork().picture;
  const Image thumbnail =
      *Resize(whole, 64, std::max(1, whole.height * 64 / whole.width));
  EXPECT_EQ(Compare(whole, thumbnail).relation, PictureRelation::kSamePicture);
}

TEST(PictureSketchTest, IsSmallAndNeverEnlarged) {
  const PictureSketch large = *MakeSketch(Painting(800, 400, 1));
  EXPECT_EQ(large.width, kSketchSide);
  EXPECT_EQ(large.height, kSketchSide / 2);
  EXPECT_EQ(large.luma.size(), size_t{1} * large.width * large.height);
  EXPECT_EQ(MakeSketch(Painting(40, 30, 1))->width, 40);
}

TEST(PictureSketchTest, AMalformedImageIsAnError) {
  Image image = Painting(40, 30, 1);
  image.rgb.pop_back();
  EXPECT_THAT(MakeSketch(image), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PictureSketchTest, BordersAreNotContent) {
  const Image picture = Painting(150, 150, 1);
  Image bordered{190, 190, {}};
  bordered.rgb.assign(size_t{3} * 190 * 190, 230);
  for (int y = 0; y < 150; ++y) {
    std::copy_n(&picture.rgb[size_t{3} * 150 * y], 3 * 150,
                &bordered.rgb[3 * (size_t{190} * (y + 20) + 20)]);
  }
  const PlaneBox content = ContentOf(PlaneOf(*MakeSketch(bordered)));
  EXPECT_NEAR(content.left, 20, 1);
  EXPECT_NEAR(content.top, 20, 1);
  EXPECT_NEAR(content.right, 170, 1);
  EXPECT_NEAR(content.bottom, 170, 1);
}

}  // namespace
}  // namespace verso::testing
