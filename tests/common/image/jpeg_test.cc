#include "common/image/jpeg.h"

#include "common/image/decode.h"
#include "common/image/encode.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

constexpr ChromaSubsampling kAll[] = {
    ChromaSubsampling::k444, ChromaSubsampling::k422, ChromaSubsampling::k420};

TEST(JpegTest, RoundTripsWithinTheLossOfItsQuality) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const Image image = Painting(30 + 7 * seed, 80 - 5 * seed, seed);
    ASSERT_OK_AND_ASSIGN(const std::string jpeg, EncodeJpeg(image, 95));
    ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeJpeg(jpeg));
    EXPECT_LT(MeanDifference(decoded, image), 2) << "seed " << seed;
  }
}

TEST(JpegTest, DecodesAsLibvipsDoesWithinOneLevel) {
  for (const ChromaSubsampling subsampling : kAll) {
    for (int quality = 40; quality <= 100; quality += 12) {
      const Image image = Painting(101, 67, quality);
      ASSERT_OK_AND_ASSIGN(const std::string jpeg,
                           EncodeJpeg(image, quality, subsampling));
      ASSERT_OK_AND_ASSIGN(const Image turbo, DecodeJpeg(jpeg));
      ASSERT_OK_AND_ASSIGN(const Image vips, DecodeImage(jpeg));
      EXPECT_LE(MaxDifference(turbo, vips), 1) << "quality " << quality;
    }
  }
}

TEST(JpegTest, TheSamePictureGivesTheSameBytes) {
  const Image image = Painting(50, 40);
  EXPECT_EQ(EncodeJpeg(image, 95).value(), EncodeJpeg(image, 95).value());
}

TEST(JpegTest, RefusesATruncatedJpeg) {
  const std::string jpeg = EncodeJpeg(Painting(100, 80), 90).value();
  for (const double part : {0.05, 0.3, 0.6, 0.9, 0.99}) {
    const size_t size = static_cast<size_t>(jpeg.size() * part);
    EXPECT_THAT(DecodeJpeg(jpeg.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << "cut to " << part;
  }
}

TEST(JpegTest, LeavesTurnsAndProfilesToDecodeImage) {
  const std::string jpeg = EncodeJpeg(Painting(20, 10), 90).value();
  const std::string turned =
      WithJpegSegment(jpeg, 0xe1, std::string("Exif\0\0", 6) + MakeExif(6));
  const std::string profiled = WithJpegSegment(
      jpeg, 0xe2,
      std::string("ICC_PROFILE\0\1\1", 14) + SwappedProfile("Swapped"));
  for (const std::string& bytes : {turned, profiled}) {
    EXPECT_THAT(DecodeJpeg(bytes), StatusIs(absl::StatusCode::kUnimplemented,
                                            HasSubstr("DecodeImage")));
  }
}

TEST(JpegTest, RefusesWhatIsNoJpeg) {
  EXPECT_THAT(DecodeJpeg(EncodePng(Painting(8, 8)).value()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("png")));
  EXPECT_THAT(DecodeJpeg("<html>"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HTML")));
}

TEST(JpegTest, RefusesToEncodeNonsense) {
  const Image image = Painting(8, 8);
  EXPECT_THAT(EncodeJpeg(image, 0),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not 0")));
  EXPECT_THAT(EncodeJpeg(image, 101),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeJpeg(Image{8, 9, image.rgb}, 90),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("8x9")));
  EXPECT_THAT(EncodeJpeg(Image(), 90),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace verso
