#include "tests/gallery/sites/dalle_site.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/image/decode.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using nlohmann::json;
using testing::ServedGallery;
using testing::SmallGallery;

TEST(DalleSiteTest, PagesHoldAllPicturesAndThenNothing) {
  SimulatedGallery gallery(SmallGallery());
  const DalleSite site(&gallery);
  std::set<std::string> ids;
  int64_t page = 0;
  for (json entries; !(entries = site.Page(5, page)).empty(); ++page) {
    EXPECT_LE(entries.size(), 5u);
    for (const json& entry : entries) {
      for (const json& id : entry["Ids"]) {
        EXPECT_TRUE(ids.insert(id).second) << id;
      }
    }
  }
  EXPECT_EQ(ids.size(), gallery.items(Site::kDalle).size());
  EXPECT_EQ(page, 3);
}

TEST(DalleSiteTest, CaptionsAndPromptPicturesMayBeNull) {
  SimulatedGalleryOptions many;
  many.dalle = 40;
  SimulatedGallery gallery(many);
  const json entries = DalleSite(&gallery).Page(100, 0);
  int captions = 0;
  int edited = 0;
  for (const json& entry : entries) {
    EXPECT_TRUE(entry["Caption"].is_string() || entry["Caption"].is_null());
    captions += entry["Caption"].is_string();
    edited += entry["PromptImagePath"].is_string();
  }
  EXPECT_GT(captions, 0);
  EXPECT_LT(captions, static_cast<int>(entries.size()));
  EXPECT_GT(edited, 0);
  EXPECT_LT(edited, static_cast<int>(entries.size()));
}

TEST(DalleSiteTest, AnAbsurdPageIsEmpty) {
  ServedGallery gallery;
  const std::string route = "/dalle/api/images/aggregated";
  EXPECT_EQ(gallery.GetJson(route + "?page=9223372036854775807"),
            json::array());
  EXPECT_FALSE(gallery.GetJson(route + "?page=-1&pagesize=x").empty());
}

TEST(DalleSiteTest, PicturesAreWebp) {
  ServedGallery gallery;
  const json page =
      gallery.GetJson("/dalle/api/images/aggregated?pagesize=20&page=0");
  const std::string id = page[0]["Ids"][0];
  const httplib::Response picture =
      gallery.Get(absl::StrCat("/dalle-images/", id, "/generated"));
  EXPECT_EQ(picture.get_header_value("Content-Type"), "image/webp");
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(picture.body));
  EXPECT_EQ(image.height, 512);
}

}  // namespace
}  // namespace verso
