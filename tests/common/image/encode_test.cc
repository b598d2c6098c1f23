#include "common/image/encode.h"

#include "common/image/probe.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::Flat;
using ::verso::testing::Painting;
using ::verso::testing::StatusIs;

TEST(EncodeTest, APngCarriesTheTextsItWasGiven) {
  for (const std::string text : {"Steps: 20, Seed: 1", "ein schönes Bild ☕"}) {
    ASSERT_OK_AND_ASSIGN(
        const std::string png,
        EncodePng(Painting(9, 7), {{"parameters", text}, {"Software", "x"}}));
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(png));
    EXPECT_EQ(probe.claims.generation_parameters(), text);
    EXPECT_EQ(probe.claims.software(), "x");
  }
}

TEST(EncodeTest, FilesCarryNothingElse) {
  for (const auto& file :
       {EncodePng(Painting(9, 7)), EncodeWebp(Painting(9, 7), 80)}) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(file.value()));
    EXPECT_EQ(probe.claims.ByteSizeLong(), 0u);
    EXPECT_EQ(probe.color_profile, "");
  }
}

TEST(EncodeTest, RefusesNonsense) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(EncodePng(Image()), refused);
  EXPECT_THAT(EncodePng(Image{2, 2, {1, 2, 3}}), refused);
  EXPECT_THAT(EncodePng(Painting(4, 4), {{"", "text"}}), refused);
  EXPECT_THAT(EncodePng(Painting(4, 4), {{std::string(80, 'k'), ""}}), refused);
  EXPECT_THAT(EncodeWebp(Painting(4, 4), 0), refused);
  EXPECT_THAT(EncodeWebp(Flat(16384, 1, 0, 0, 0), 80), refused);
}

}  // namespace
}  // namespace verso
