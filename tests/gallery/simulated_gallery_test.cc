#include "tests/gallery/simulated_gallery.h"

#include <set>
#include <string>
#include <vector>

#include "common/image/decode.h"
#include "common/image/probe.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using testing::IsOkAndHolds;
using testing::SmallGallery;

constexpr Site kListed[] = {Site::kWga, Site::kArtbench, Site::kLexica,
                            Site::kDalle};

TEST(SimulatedGalleryTest, ListsAsManyPicturesAsAskedFor) {
  const SimulatedGallery gallery(SmallGallery());
  EXPECT_EQ(gallery.items(Site::kWga).size(), 12 + 1);  // And a sculpture.
  EXPECT_EQ(gallery.items(Site::kArtbench).size(), 11u);
  EXPECT_EQ(gallery.items(Site::kLexica).size(), 40 + 2);  // A grid, an nsfw.
  EXPECT_EQ(gallery.items(Site::kDalle).size(), 13u);
  EXPECT_TRUE(gallery.items(Site::kLofi).empty());
}

TEST(SimulatedGalleryTest, IdsAreUnique) {
  const SimulatedGallery gallery(SmallGallery());
  std::set<std::string> ids;
  for (const Site site : kListed) {
    for (const GalleryItem& item : gallery.items(site)) {
      EXPECT_TRUE(ids.insert(item.id).second) << item.id;
    }
  }
}

TEST(SimulatedGalleryTest, PicturesAreWhatTheirItemsSay) {
  SimulatedGallery gallery(SmallGallery());
  for (const Site site : kListed) {
    for (size_t i = 0; i < gallery.items(site).size(); ++i) {
      const GalleryItem& item = gallery.items(site)[i];
      ASSERT_OK_AND_ASSIGN(const std::string bytes, gallery.Picture(site, i));
      ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(bytes));
      EXPECT_EQ(probe.format, item.format);
      EXPECT_EQ(probe.width, item.width);
      EXPECT_EQ(probe.height, item.height);
      EXPECT_OK(DecodeImage(bytes).status());
    }
  }
}

TEST(SimulatedGalleryTest, NoTwoPicturesAreTheSame) {
  SimulatedGallery gallery(SmallGallery());
  std::set<std::string> seen;
  for (const Site site : kListed) {
    for (size_t i = 0; i < gallery.items(site).size(); ++i) {
      EXPECT_TRUE(seen.insert(*gallery.Picture(site, i)).second) << i;
    }
  }
}

TEST(SimulatedGalleryTest, ADetailIsAPartOfTheWorkBeforeIt) {
  const SimulatedGallery gallery(SmallGallery());
  const std::vector<GalleryItem>& items = gallery.items(Site::kWga);
  ASSERT_TRUE(items[9].detail);
  EXPECT_EQ(items[9].work, items[8].work);
  ASSERT_OK_AND_ASSIGN(const Image whole, gallery.Draw(Site::kWga, 8));
  ASSERT_OK_AND_ASSIGN(const Image detail, gallery.Draw(Site::kWga, 9));
  // One of the whole's rows holds the detail's first row.
  const std::string row(detail.rgb.begin(),
                        detail.rgb.begin() + 3 * detail.width);
  const std::string pixels(whole.rgb.begin(), whole.rgb.end());
  EXPECT_NE(pixels.find(row), std::string::npos);
}

TEST(SimulatedGalleryTest, AnotherSeedDrawsOtherPictures) {
  SimulatedGalleryOptions options = SmallGallery();
  SimulatedGallery first(options);
  SimulatedGallery again(options);
  options.seed = 2;
  SimulatedGallery other(options);
  ASSERT_OK_AND_ASSIGN(const std::string bytes,
                       first.Picture(Site::kArtbench, 0));
  EXPECT_THAT(again.Picture(Site::kArtbench, 0), IsOkAndHolds(bytes));
  EXPECT_NE(*other.Picture(Site::kArtbench, 0), bytes);
}

TEST(SimulatedGalleryTest, ALimitOfLofiBoundsWhatIsDrawn) {
  SimulatedGalleryOptions options = SmallGallery();
  options.lofi = 2;
  SimulatedGallery gallery(options);
  std::set<std::vector<uint8_t>> pixels;
  for (int i = 0; i < 12; ++i) {
    GenerateRequest request;
    request.prompt = "realism painting of hill " + std::to_string(i);
    request.width = request.height = 64;
    ASSERT_OK_AND_ASSIGN(const GeneratedPicture picture,
                         gallery.Generate(request));
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(picture.bytes));
    pixels.insert(image.rgb);
  }
  EXPECT_EQ(pixels.size(), 2u);
}

}  // namespace
}  // namespace verso
