#include <turbojpeg.h>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/image/jpeg.h"
#include "common/image/probe.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::Flat;
using ::verso::testing::Painting;
using ::verso::testing::WithJpegSegment;

EncoderFingerprint EncoderOf(absl::string_view jpeg) {
  return ProbeImage(jpeg).value().encoder;
}

std::string Encoded(int quality, int subsampling, int flags) {
  const Image image = Painting(32, 32);
  tjhandle turbo = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int)
  tjCompress2(turbo, image.rgb.data(), 32, 0, 32, TJPF_RGB, &jpeg, &size,
              subsampling, quality, flags);
  const std::string bytes(reinterpret_cast<char*>(jpeg), size);
  tjFree(jpeg);
  tjDestroy(turbo);
  return bytes;
}

TEST(JpegProbeTest, EstimatesTheQualityThatTheFileWasEncodedWith) {
  const Image image = Painting(24, 16);
  for (int quality = 1; quality <= 100; ++quality) {
    ASSERT_OK_AND_ASSIGN(const std::string jpeg, EncodeJpeg(image, quality));
    // Under 5 nearly all divisors are 255, whatever the quality.
    const int estimate = EncoderOf(jpeg).estimated_quality();
    EXPECT_NEAR(estimate, quality, quality < 5 ? 4 : 0);
  }
}

TEST(JpegProbeTest, EstimatesTheQualityOfAGreyJpeg) {
  EXPECT_EQ(EncoderOf(Encoded(85, TJSAMP_GRAY, 0)).estimated_quality(), 85);
}

TEST(JpegProbeTest, NamesTheSubsampling) {
  const std::pair<int, std::string> cases[] = {
      {TJSAMP_444, "4:4:4"}, {TJSAMP_422, "4:2:2"}, {TJSAMP_420, "4:2:0"},
      {TJSAMP_440, "4:4:0"}, {TJSAMP_411, "4:1:1"}, {TJSAMP_GRAY, "4:0:0"}};
  for (const auto& [subsampling, name] : cases) {
    EXPECT_EQ(EncoderOf(Encoded(90, subsampling, 0)).chroma_subsampling(),
              name);
  }
}

TEST(JpegProbeTest, TellsProgressiveFromBaseline) {
  EXPECT_TRUE(
      EncoderOf(Encoded(90, TJSAMP_420, TJFLAG_PROGRESSIVE)).progressive());
  EXPECT_FALSE(EncoderOf(Encoded(90, TJSAMP_420, 0)).progressive());
}

TEST(JpegProbeTest, HashesTheTablesInFileOrder) {
  const std::string jpeg = EncodeJpeg(Painting(24, 16), 75).value();
  std::string tables;
  for (size_t at = jpeg.find("\xff\xdb"); at != std::string::npos;
       at = jpeg.find("\xff\xdb", at + 2)) {
    tables += jpeg.substr(at + 4, 65);
  }
  ASSERT_EQ(tables.size(), 2 * 65);
  EXPECT_EQ(EncoderOf(jpeg).quantization_sha256(), Sha256Hex(tables));
}

TEST(JpegProbeTest, SeesC2paInApp11Alone) {
  const std::string jpeg = EncodeJpeg(Flat(8, 8, 1, 2, 3), 75).value();
  const std::string box = absl::StrCat("JP", std::string(6, '\0'), "jumb c2pa");
  EXPECT_TRUE(ProbeImage(WithJpegSegment(jpeg, 0xeb, box))
                  .value()
                  .claims.c2pa_present());
  EXPECT_FALSE(ProbeImage(WithJpegSegment(jpeg, 0xea, box))
                   .value()
                   .claims.c2pa_present());
}

TEST(JpegProbeTest, JoinsTheProfileOfTwoSegments) {
  const std::string profile = testing::SwappedProfile("Two parts");
  const auto part = [&](char number, absl::string_view bytes) {
    return absl::StrCat("ICC_PROFILE", std::string(1, '\0'),
                        std::string(1, number), "\2", bytes);
  };
  std::string jpeg = EncodeJpeg(Flat(8, 8, 1, 2, 3), 75).value();
  jpeg = WithJpegSegment(jpeg, 0xe2, part(1, profile.substr(0, 140)));
  jpeg = WithJpegSegment(jpeg, 0xe2, part(2, profile.substr(140)));
  EXPECT_EQ(ProbeImage(jpeg).value().color_profile, "Two parts");
}

TEST(JpegProbeTest, ACommentThatIsNotOfAGeneratorIsNoClaim) {
  const std::string exif =
      testing::MakeExif(1, "", testing::UnicodeComment("Holiday at the sea"));
  const std::string jpeg = EncodeJpeg(Flat(8, 8, 1, 2, 3), 75).value();
  const auto probe = ProbeImage(
      WithJpegSegment(jpeg, 0xe1, std::string("Exif\0\0", 6) + exif));
  EXPECT_EQ(probe.value().claims.generation_parameters(), "");
}

}  // namespace
}  // namespace verso
