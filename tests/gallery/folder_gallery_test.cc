#include "tests/gallery/folder_gallery.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using testing::ArchiveFile;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::MakeTestDir;
using testing::ReadArchive;
using testing::ServedGallery;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr char kHeader[] = "path,site,label,generator,work,text,note\n";

Image Plain(uint8_t level) {
  return Image{32, 32, std::vector<uint8_t>(32 * 32 * 3, level)};
}

// A folder with a manifest of its own for each test.
class FolderGalleryTest : public ::testing::Test {
 protected:
  std::string AddJpeg(const std::string& name, uint8_t level) {
    return Add(name, *EncodeJpeg(Plain(level), 90));
  }
  std::string AddPng(const std::string& name, uint8_t level) {
    return Add(name, *EncodePng(Plain(level)));
  }
  std::string Add(const std::string& name, const std::string& bytes) {
    EXPECT_OK(WriteFileAtomically(dir_ / name, bytes));
    return bytes;
  }
  void SetRows(const std::string& rows) { Add("manifest.csv", kHeader + rows); }
  std::unique_ptr<FolderGallery> Open() {
    auto gallery = FolderGallery::Open(dir_);
    EXPECT_OK(gallery.status());
    return *std::move(gallery);
  }

  const fs::path dir_ = MakeTestDir("gallery");
};

TEST_F(FolderGalleryTest, ServesTheBytesOfTheFiles) {
  const std::string bytes = AddJpeg("a.jpg", 10);
  SetRows("a.jpg,wga,human,,w1,Anna Ek - The Mill (1874),\n");
  const auto gallery = Open();
  ASSERT_THAT(gallery->items(Site::kWga), SizeIs(1));
  const GalleryItem& item = gallery->items(Site::kWga)[0];
  EXPECT_EQ(item.artist, "Anna Ek");
  EXPECT_THAT(item.title, HasSubstr("The Mill (1874), no. "));
  EXPECT_EQ(item.year, 1874);
  EXPECT_THAT(gallery->Picture(Site::kWga, 0), IsOkAndHolds(bytes));
  EXPECT_EQ(gallery->kind(), "stand-in");
}

TEST_F(FolderGalleryTest, PicturesOfOneWorkShareItsNamesAndNoOthers) {
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) AddJpeg(name, 10);
  SetRows(
      "a.jpg,wga,human,,w1,genre=Portrait,\n"
      "b.jpg,wga,human,,w1,genre=Landscape,\n"
      "c.jpg,wga,human,,w2,genre=Portrait,\n");
  const auto gallery = Open();
  const std::vector<GalleryItem>& items = gallery->items(Site::kWga);
  EXPECT_EQ(items[0].title, items[1].title);
  EXPECT_FALSE(items[0].detail);
  EXPECT_TRUE(items[1].detail);
  EXPECT_NE(items[0].title, items[2].title);
}

TEST_F(FolderGalleryTest, APngIsServedAsOneWhateverTheSiteUsuallySends) {
  const std::string png = AddPng("a.jpg", 10);
  SetRows("a.jpg,lexica,generated,sdxl,w1,a cat,\n");
  ServedGallery served({}, Open());
  const json found = served.GetJson("/lexica/api/v1/search?q=cat")["images"][0];
  EXPECT_EQ(found["prompt"], "a cat");
  EXPECT_EQ(found["model"], "sdxl");
  const httplib::Response picture = served.Get(
      absl::StrCat("/lexica-images/full_jpg/", found["id"].get<std::string>()));
  EXPECT_EQ(picture.get_header_value("Content-Type"), "image/png");
  EXPECT_EQ(picture.get_header_value("X-Verso-Stand-In"), "stand-in");
  EXPECT_EQ(picture.body, png);
}

TEST_F(FolderGalleryTest, ArtbenchFilesHaveTheEndingOfTheirFormat) {
  const std::string jpeg = AddJpeg("a.jpg", 10);
  const std::string png = AddPng("b.png", 20);
  SetRows(
      "a.jpg,artbench,human,,w1,style=Post-Impressionism,\n"
      "b.png,artbench,human,,w2,style=Symbolism,\n");
  ServedGallery served({}, Open());
  const std::vector<ArchiveFile> files = ReadArchive(
      served.Get("/artbench/files/artbench-10-imagefolder-split.tar").body);
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_THAT(files[0].path,
              AllOf(HasSubstr("/post_impressionism/"), HasSubstr(".jpg")));
  EXPECT_EQ(files[0].content, jpeg);
  EXPECT_THAT(files[1].path,
              AllOf(HasSubstr("/symbolism/"), HasSubstr(".png")));
  EXPECT_EQ(files[1].content, png);
}

TEST_F(FolderGalleryTest, AGridIsListedAsOne) {
  AddPng("a.png", 10);
  SetRows("a.png,lexica,generated,sd,w1,a cat,2x2 grid of four images\n");
  EXPECT_TRUE(Open()->items(Site::kLexica)[0].grid);
}

TEST_F(FolderGalleryTest, PicturesOfOneWorkAreOneEntryOfDalle) {
  AddPng("a.png", 10);
  AddPng("b.png", 20);
  SetRows(
      "a.png,dalle,generated,dall-e-2,w1,a cat,\n"
      "b.png,dalle,generated,dall-e-2,w1,a cat,\n");
  ServedGallery served({}, Open());
  const json page = served.GetJson("/dalle/api/images/aggregated?page=0");
  ASSERT_THAT(page, SizeIs(1));
  EXPECT_THAT(page[0]["Ids"], SizeIs(2));
}

TEST_F(FolderGalleryTest, EachNewPromptGetsTheNextPicture) {
  const std::string a = AddPng("a.png", 10);
  const std::string b = AddJpeg("b.jpg", 20);
  SetRows(
      "a.png,lofi,generated,dall-e-mini,w1,a cat,\n"
      "b.jpg,lofi,generated,latent-diffusion,w2,a dog,\n");
  const auto gallery = Open();
  const auto generate = [&](const std::string& prompt) {
    GenerateRequest request;
    request.prompt = prompt;
    return *gallery->Generate(request);
  };
  EXPECT_EQ(generate("first").bytes, a);
  EXPECT_EQ(generate("second").bytes, b);
  EXPECT_EQ(generate("first").bytes, a);
  EXPECT_EQ(generate("third").bytes, a);  // From the first on again.
  EXPECT_EQ(generate("second").model, "latent-diffusion");
}

TEST_F(FolderGalleryTest, AFolderCannotDoImageToImage) {
  AddPng("a.png", 10);
  SetRows("a.png,lofi,generated,sd,w1,a cat,\n");
  GenerateRequest request;
  request.init = Plain(1);
  EXPECT_THAT(Open()->Generate(request),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(FolderGalleryTest, WithoutPicturesForLofiNothingIsGenerated) {
  SetRows("");
  ServedGallery served({}, Open());
  const httplib::Response answer =
      served.Post("/a1111/sdapi/v1/txt2img", R"({"prompt": "a"})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("no pictures for LoFi"));
}

TEST_F(FolderGalleryTest, RowsOfFolderSourcesAreLeftOut) {
  SetRows("missing.jpg,folder,generated,midjourney,w1,a cat,\n");
  const auto gallery = Open();
  for (const Site site : {Site::kWga, Site::kArtbench, Site::kLexica}) {
    EXPECT_THAT(gallery->items(site), SizeIs(0));
  }
}

TEST_F(FolderGalleryTest, NamesThePictureThatIsMissing) {
  SetRows("gone.jpg,wga,human,,w1,,\n");
  EXPECT_THAT(FolderGallery::Open(dir_),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("line 2"), HasSubstr("gone.jpg"))));
}

TEST_F(FolderGalleryTest, RefusesPathsThatLeadOutOfTheFolder) {
  const fs::path outside = MakeTestDir("outside") / "a.jpg";
  ASSERT_OK(WriteFileAtomically(outside, *EncodeJpeg(Plain(1), 90)));
  fs::create_symlink(outside, dir_ / "link.jpg");
  for (const std::string& path :
       {std::string("link.jpg"), outside.string(), std::string("../x.jpg"),
        std::string("a/../../x.jpg"), std::string()}) {
    SetRows(absl::StrCat(path, ",wga,human,,w1,,\n"));
    EXPECT_THAT(FolderGallery::Open(dir_),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("leads out of the folder")))
        << path;
  }
}

TEST_F(FolderGalleryTest, RefusesAFileThatIsNoPicture) {
  Add("a.jpg", "#!/bin/sh and more");
  SetRows("a.jpg,wga,human,,w1,,\n");
  EXPECT_THAT(FolderGallery::Open(dir_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not a JPEG, PNG or WebP")));
}

TEST_F(FolderGalleryTest, RefusesAManifestThatIsNotOne) {
  EXPECT_THAT(FolderGallery::Open(dir_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("manifest.csv")));
  for (const char* manifest :
       {"name,url\n", "path,site\na.jpg\n", "path,site\na.jpg,flickr\n"}) {
    Add("manifest.csv", manifest);
    EXPECT_THAT(FolderGallery::Open(dir_),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << manifest;
  }
}

TEST_F(FolderGalleryTest, RefusesAPathThatIsListedTwice) {
  AddJpeg("a.jpg", 10);
  SetRows("a.jpg,wga,human,,w1,,\na.jpg,wga,human,,w1,,\n");
  EXPECT_THAT(FolderGallery::Open(dir_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 3"), HasSubstr("twice"))));
}

}  // namespace
}  // namespace verso
