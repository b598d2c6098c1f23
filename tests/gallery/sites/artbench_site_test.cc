#include "tests/gallery/sites/artbench_site.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/csv.h"
#include "common/base/sha256.h"
#include "common/image/decode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/gallery_testing.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using testing::ArchiveFile;
using ::testing::ElementsAre;
using testing::ReadArchive;
using testing::ServedGallery;
using ::testing::SizeIs;

constexpr char kTar[] = "/artbench/files/artbench-10-imagefolder-split.tar";
constexpr char kTable[] = "/artbench/files/ArtBench-10.csv";
constexpr char kBinary[] = "/artbench/files/artbench-10-binary.tar.gz";
constexpr int kPictures = 11;
constexpr size_t kRawBytes = 3073;  // A label and 32x32 pixels.

std::vector<std::vector<std::string>> Rows(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  CsvReader reader(csv);
  while (true) {
    auto row = reader.Next();
    if (!row.ok() || !row->has_value()) return rows;
    rows.push_back(**row);
  }
}

TEST(ArtbenchSiteTest, TheTableHasTheColumnsOfArtbench) {
  ServedGallery gallery;
  const auto rows = Rows(gallery.Get(kTable).body);
  ASSERT_THAT(rows, SizeIs(1 + kPictures));
  EXPECT_THAT(rows[0],
              ElementsAre("name", "artist", "url", "is_public_domain", "length",
                          "width", "label", "split", "cifar_index"));
}

TEST(ArtbenchSiteTest, TheTarHoldsEachRowOfTheTable) {
  ServedGallery gallery;
  std::set<std::string> expected;
  const auto rows = Rows(gallery.Get(kTable).body);
  for (size_t i = 1; i < rows.size(); ++i) {
    expected.insert(absl::StrCat("artbench-10-imagefolder-split/", rows[i][7],
                                 "/", rows[i][6], "/", rows[i][0]));
  }
  std::set<std::string> found;
  for (const ArchiveFile& file : ReadArchive(gallery.Get(kTar).body)) {
    found.insert(file.path);
  }
  EXPECT_EQ(found, expected);
  EXPECT_THAT(found, SizeIs(kPictures));
}

TEST(ArtbenchSiteTest, MembersAreJpegsOf256Pixels) {
  ServedGallery gallery;
  for (const ArchiveFile& file : ReadArchive(gallery.Get(kTar).body)) {
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(file.content));
    EXPECT_EQ(image.width, 256);
    EXPECT_EQ(image.height, 256);
  }
}

TEST(ArtbenchSiteTest, TheChecksumsAreThoseOfWhatIsSent) {
  ServedGallery gallery;
  const httplib::Response tar = gallery.Get(kTar);
  EXPECT_EQ(tar.get_header_value("Content-Length"),
            absl::StrCat(tar.body.size()));
  EXPECT_EQ(
      gallery.Get("/artbench/files/SHA256SUMS").body,
      absl::StrCat(Sha256Hex(gallery.Get(kTable).body), "  ArtBench-10.csv\n",
                   Sha256Hex(tar.body), "  artbench-10-imagefolder-split.tar\n",
                   Sha256Hex(gallery.Get(kBinary).body),
                   "  artbench-10-binary.tar.gz\n"));
}

TEST(ArtbenchSiteTest, AnyPartOfTheTarCanBeAskedFor) {
  ServedGallery gallery;
  const std::string whole = gallery.Get(kTar).body;
  for (const size_t from :
       {size_t{0}, size_t{700}, whole.size() / 2, whole.size() - 600}) {
    const httplib::Response part =
        gallery.Get(kTar, {{"Range", absl::StrCat("bytes=", from, "-")}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body == whole.substr(from), true) << from;
  }
}

TEST(ArtbenchSiteTest, TheBinaryBatchesFollowTheTablesIndexes) {
  ServedGallery gallery;
  std::map<std::string, std::string> content;
  for (const ArchiveFile& file : ReadArchive(gallery.Get(kBinary).body)) {
    content[file.path] = file.content;
  }
  ASSERT_THAT(content, SizeIs(6));
  const auto rows = Rows(gallery.Get(kTable).body);
  std::map<std::string, std::string> split = {
      {"train", content["artbench-10-batches-bin/data_batch_1.bin"]},
      {"test", content["artbench-10-batches-bin/test_batch.bin"]}};
  EXPECT_EQ(split["train"].size() + split["test"].size(),
            kPictures * kRawBytes);
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string& raw = split[rows[i][7]];
    const size_t place = std::stoul(rows[i][8]) * kRawBytes;
    ASSERT_LT(place, raw.size());
    const auto label = static_cast<size_t>(raw[place]);
    EXPECT_EQ(ArtStyles()[label].name, rows[i][6]) << i;
  }
}

TEST(ArtbenchSiteTest, TheBinaryArchiveIsTheSameEachTime) {
  EXPECT_EQ(Sha256Hex(ServedGallery().Get(kBinary).body),
            Sha256Hex(ServedGallery().Get(kBinary).body));
}

TEST(ArtbenchSiteTest, TheTenStylesAreBalanced) {
  SimulatedGalleryOptions options;
  options.artbench = 20;
  ServedGallery gallery({}, std::make_unique<SimulatedGallery>(options));
  std::map<std::string, int> counts;
  const auto rows = Rows(gallery.Get(kTable).body);
  for (size_t i = 1; i < rows.size(); ++i) ++counts[rows[i][6]];
  ASSERT_THAT(counts, SizeIs(10));
  for (const auto& [style, count] : counts) EXPECT_EQ(count, 2) << style;
}

}  // namespace
}  // namespace verso
