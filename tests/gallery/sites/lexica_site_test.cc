#include "tests/gallery/sites/lexica_site.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/gallery/sites/artbench_site.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::ServedGallery;
using ::testing::SizeIs;

std::set<std::string> Ids(const json& answer) {
  std::set<std::string> ids;
  for (const json& image : answer["images"]) ids.insert(image["id"]);
  return ids;
}

// A site without a server, with enough pictures that no search gives all.
class LexicaSearchTest : public ::testing::Test {
 protected:
  static SimulatedGalleryOptions Options() {
    SimulatedGalleryOptions options;
    options.lexica = 240;
    options.artbench = 15;
    return options;
  }
  SimulatedGallery gallery_{Options()};
  LexicaSite site_{&gallery_};
  size_t all_ = gallery_.items(Site::kLexica).size();
};

TEST_F(LexicaSearchTest, AnItemHasTheFieldsAndTypesOfTheApi) {
  const json image = site_.Search("baroque")["images"][0];
  for (const char* name :
       {"id", "gallery", "src", "srcSmall", "prompt", "model", "promptid"}) {
    EXPECT_TRUE(image[name].is_string()) << name;
  }
  for (const char* name : {"width", "height", "guidance"}) {
    EXPECT_TRUE(image[name].is_number()) << name;
  }
  EXPECT_TRUE(image["grid"].is_boolean());
  EXPECT_TRUE(image["nsfw"].is_boolean());
}

TEST_F(LexicaSearchTest, SeedsAreTextAndNowAndThenNumbers) {
  int texts = 0;
  int numbers = 0;
  const json answer = site_.Search("painting");
  for (const json& image : answer["images"]) {
    texts += image["seed"].is_string();
    numbers += image["seed"].is_number_integer();
  }
  EXPECT_GT(texts, numbers);
  EXPECT_GT(numbers, 0);
  EXPECT_EQ(texts + numbers, 50);
}

TEST_F(LexicaSearchTest, TheTenStylesFindAllPictures) {
  std::set<std::string> found;
  for (const ArtStyle& style : ArtStyles()) {
    const json answer = site_.Search(style.words + " painting");
    EXPECT_LE(answer["images"].size(), 50u);
    found.merge(Ids(answer));
  }
  EXPECT_THAT(found, SizeIs(all_));
}

TEST_F(LexicaSearchTest, TheUrlsOfArtbenchFindAllPictures) {
  std::set<std::string> found;
  for (const GalleryItem& item : gallery_.items(Site::kArtbench)) {
    const std::string url = ArtbenchSite::UrlOf(item);
    EXPECT_EQ(site_.Search(url), site_.Search(url));
    found.merge(Ids(site_.Search(url)));
  }
  EXPECT_THAT(found, SizeIs(all_));
}

TEST_F(LexicaSearchTest, AnUnknownUrlFindsTheSamePicturesEachTime) {
  const json answer = site_.Search("https://example.org/a.jpg");
  EXPECT_THAT(answer["images"], SizeIs(20));
  EXPECT_EQ(answer, site_.Search("https://example.org/a.jpg"));
}

TEST_F(LexicaSearchTest, WordsThatNoPromptHasFindNothing) {
  EXPECT_EQ(site_.Search("zzzz"), json({{"images", json::array()}}));
  EXPECT_EQ(site_.Search(""), json({{"images", json::array()}}));
}

TEST_F(LexicaSearchTest, SomePicturesAreGridsOrNotSafe) {
  int grids = 0;
  int nsfw = 0;
  for (const GalleryItem& item : gallery_.items(Site::kLexica)) {
    grids += item.grid;
    nsfw += item.nsfw;
  }
  EXPECT_EQ(grids, 6);
  EXPECT_EQ(nsfw, 6);
}

TEST(LexicaSiteTest, PicturesHaveNoFileNameEnding) {
  ServedGallery gallery;
  const json answer = gallery.GetJson("/lexica/api/v1/search?q=ukiyo-e");
  const std::string id = answer["images"][0]["id"];
  const httplib::Response picture =
      gallery.Get("/lexica-images/full_jpg/" + id);
  EXPECT_EQ(picture.get_header_value("Content-Type"), "image/jpeg");
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(picture.body));
  EXPECT_EQ(image.width, 512);
  EXPECT_EQ(gallery.Get("/lexica-images/full_jpg/nothing").status, 404);
}

TEST(LexicaSiteTest, APercentEncodedUrlIsAPictureSearch) {
  ServedGallery gallery;
  const json answer = gallery.GetJson(
      "/lexica/api/v1/search?q=https%3A%2F%2Fwikiart.invalid%2Fa%20b.jpg");
  EXPECT_THAT(answer["images"], SizeIs(20));
}

constexpr char kPrompts[] = "/lexica/api/infinite-prompts";

json PromptsFrom(ServedGallery& gallery, int64_t cursor) {
  const json request = {{"text", "a painting"}, {"cursor", cursor}};
  return json::parse(gallery.Post(kPrompts, request.dump()).body);
}

TEST(LexicaSiteTest, PromptsComeInPagesOfBothShapesUntilTheLast) {
  ServedGallery gallery;
  std::set<std::string> ids;
  int64_t cursor = 0;
  int pages = 0;
  for (bool has_more = true; has_more; ++pages) {
    const json page = PromptsFrom(gallery, cursor);
    ASSERT_EQ(page.contains("images"), pages % 2 == 1);
    for (const json& prompt : page["prompts"]) {
      ASSERT_EQ(prompt.contains("images"), pages % 2 == 0);
      if (pages % 2 == 0) ids.insert(prompt["images"][0]["id"]);
    }
    if (pages % 2 == 1) {
      for (const json& image : page["images"]) ids.insert(image["id"]);
    }
    has_more = page.contains("nextCursor");
    if (has_more) cursor = page["nextCursor"];
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 42);  // A grid and a private one among them.
}

TEST(LexicaSiteTest, PromptsCarryWhatAClientMustLeaveOut) {
  ServedGallery gallery;
  const std::string page = PromptsFrom(gallery, 0).dump();
  EXPECT_THAT(page, HasSubstr("192.0.2."));
  EXPECT_THAT(page, HasSubstr("\"initImage\":\"https://"));
  EXPECT_THAT(page, HasSubstr("\"variationForImageUrl\":\"https://"));
}

TEST(LexicaSiteTest, PromptsNeedAText) {
  ServedGallery gallery;
  EXPECT_EQ(gallery.Post(kPrompts, "{}").status, 400);
  EXPECT_EQ(gallery.Post(kPrompts, "no JSON").status, 400);
  EXPECT_EQ(gallery.Post(kPrompts, R"({"text":"x","cursor":-5})").status, 200);
}

}  // namespace
}  // namespace verso
