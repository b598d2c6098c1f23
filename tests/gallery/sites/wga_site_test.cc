#include "tests/gallery/sites/wga_site.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using testing::ArchiveFile;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::ReadArchive;
using testing::ServedGallery;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kCatalogue[] = "/wga/database/download/data_txt.zip";

std::string Csv(ServedGallery& gallery) {
  const std::vector<ArchiveFile> files =
      ReadArchive(gallery.Get(kCatalogue).body);
  return files.size() == 1 && files[0].path == "catalog.csv" ? files[0].content
                                                             : "";
}

std::vector<std::string> Lines(const std::string& csv) {
  return absl::StrSplit(csv, "\r\n", absl::SkipEmpty());
}

// The path of the first painting, "b/bruckmond/1a2b3c4d".
// Row 0 is the header.
std::string PathOf(ServedGallery& gallery, int row) {
  const std::string line = Lines(Csv(gallery))[row];
  const size_t start = line.find("/html/") + 6;
  return line.substr(start, line.find(".html") - start);
}

TEST(WgaSiteTest, TheCatalogueIsAZipWithElevenColumns) {
  ServedGallery gallery;
  const std::vector<std::string> lines = Lines(Csv(gallery));
  ASSERT_THAT(lines, SizeIs(1 + 12 + 1));  // Header, paintings, a sculpture.
  EXPECT_EQ(lines[0],
            "AUTHOR;BORN-DIED;TITLE;DATE;TECHNIQUE;LOCATION;URL;FORM;TYPE;"
            "SCHOOL;TIMEFRAME");
  for (const std::string& line : lines) {
    const std::string unquoted = absl::StrReplaceAll(line, {{"; No", " No"}});
    EXPECT_EQ(std::count(unquoted.begin(), unquoted.end(), ';'), 10) << line;
  }
}

TEST(WgaSiteTest, AFieldWithASemicolonIsQuoted) {
  ServedGallery gallery;
  EXPECT_THAT(Lines(Csv(gallery)),
              Contains(AllOf(HasSubstr(";\""), HasSubstr("; No. "))));
}

TEST(WgaSiteTest, TheCatalogueIsInCodePage850) {
  SimulatedGalleryOptions many;
  many.wga = 60;
  ServedGallery gallery({}, std::make_unique<SimulatedGallery>(many));
  const std::string csv = Csv(gallery);
  EXPECT_THAT(csv, HasSubstr("CORVELLI"));
  EXPECT_THAT(csv, HasSubstr("\x99RRHOLT"));  // Ö is 99 there, D6 in Latin-1.
  EXPECT_THAT(csv, HasSubstr("F\x88te"));     // ê
}

TEST(WgaSiteTest, TheCatalogueComesInLatin1WhereAskedFor) {
  SimulatedGalleryOptions many;
  many.wga = 60;
  GalleryServerOptions latin1;
  latin1.wga_encoding = "ISO-8859-1";
  ServedGallery gallery(latin1, std::make_unique<SimulatedGallery>(many));
  EXPECT_THAT(Csv(gallery), HasSubstr("\xD6RRHOLT"));
}

TEST(WgaSiteTest, UrlsAreHttpAndHttpsOfTheRealHost) {
  ServedGallery gallery;
  const std::vector<std::string> lines = Lines(Csv(gallery));
  EXPECT_THAT(lines, Contains(HasSubstr(";http://www.wga.hu/html/")));
  EXPECT_THAT(lines, Contains(HasSubstr(";https://www.wga.hu/html/")));
}

TEST(WgaSiteTest, ADetailHasTheTitleAndArtistOfItsWork) {
  ServedGallery gallery;
  const std::vector<std::string> lines = Lines(Csv(gallery));
  const std::string whole = lines[9];
  const std::string detail = lines[10];  // Every tenth.
  ASSERT_THAT(detail, HasSubstr(" (detail)"));
  const std::vector<std::string> fields = absl::StrSplit(detail, ';');
  EXPECT_THAT(whole, StartsWith(fields[0] + ";"));
  const size_t end = detail.find(" (detail)");
  EXPECT_THAT(whole, HasSubstr(detail.substr(0, end)));
}

TEST(WgaSiteTest, PicturesAreServedWhereThePageSays) {
  ServedGallery gallery;
  const std::string path = PathOf(gallery, 1);
  const httplib::Response page =
      gallery.Get(absl::StrCat("/wga/html/", path, ".html"));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr(absl::StrCat("<A HREF=\"/art/", path)));
  const httplib::Response art =
      gallery.Get(absl::StrCat("/wga/art/", path, ".jpg"));
  EXPECT_EQ(art.get_header_value("Content-Type"), "image/jpeg");
  ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(art.body));
  EXPECT_GE(image.width, 300);
  EXPECT_LE(image.width, 900);
}

TEST(WgaSiteTest, SomePicturesLieElsewhereAndTheirPageSaysWhere) {
  ServedGallery gallery;
  const std::string path = PathOf(gallery, 8);
  EXPECT_EQ(gallery.Get(absl::StrCat("/wga/art/", path, ".jpg")).status, 404);
  EXPECT_THAT(gallery.Get(absl::StrCat("/wga/html/", path, ".html")).body,
              HasSubstr(absl::StrCat("/art/", path, "_1.jpg")));
  EXPECT_EQ(gallery.Get(absl::StrCat("/wga/art/", path, "_1.jpg")).status, 200);
}

TEST(WgaSiteTest, AnUnknownPictureIsA404) {
  ServedGallery gallery;
  EXPECT_EQ(gallery.Get("/wga/art/x/nobody/nothing.jpg").status, 404);
  EXPECT_EQ(gallery.Get("/wga/html/x/nobody/nothing.html").status, 404);
  EXPECT_EQ(gallery.Get("/wga/art/../../../etc/passwd.jpg").status, 404);
}

}  // namespace
}  // namespace verso
