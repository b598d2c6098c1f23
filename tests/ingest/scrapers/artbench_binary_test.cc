// ArtBench's binary batches (CIFAR-10's layout) in a gzip'd tar.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/image/decode.h"
#include "common/image/probe.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/artbench_batch.h"
#include "tests/ingest/archives.h"
#include "tests/ingest/scrape_fakes.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTable[] = "ArtBench-10.csv#binary";
constexpr char kArchive[] = "artbench-10-binary.tar.gz";
constexpr char kFolder[] = "artbench-10-batches-bin/";
constexpr char kBaroque = 1;
constexpr char kRealism = 5;

// Red, green and blue start at these values and grow from pixel to pixel.
std::string Picture(char label, uint8_t red, uint8_t green, uint8_t blue) {
  std::string bytes(1, label);
  for (const uint8_t first : {red, green, blue}) {
    for (int i = 0; i < 32 * 32; ++i) {
      bytes.push_back(static_cast<char>(first + i));
    }
  }
  return bytes;
}

class ArtbenchBinaryTest : public ::testing::Test {
 protected:
  absl::Status Parse(const std::string& id, const std::string& body) {
    WorkItem item;
    item.set_id(id);
    FakeResponse response(body);
    return scraper_.Parse(item, response, sink_);
  }
  // `rows`: "stem,label,split,index".
  void ReadTable(const std::vector<std::string>& rows) {
    std::string csv = "name,label,split,cifar_index\n";
    for (const std::string& row : rows) {
      const size_t comma = row.find(',');
      absl::StrAppend(&csv, row.substr(0, comma), ".jpg", row.substr(comma),
                      "\n");
    }
    ASSERT_OK(Parse(kTable, csv));
  }

  const ArtbenchScraper scraper_{"http://base/artbench",
                                 ArtbenchFiles::kBinary};
  FakeSink sink_;
};

TEST_F(ArtbenchBinaryTest, TheTableLeadsToTheBatches) {
  ASSERT_EQ(scraper_.Seeds().size(), 2);
  EXPECT_EQ(scraper_.Seeds()[1].id(), kTable);
  EXPECT_EQ(scraper_.Seeds()[1].url(), "/files/ArtBench-10.csv");
  ReadTable({});
  ASSERT_EQ(sink_.items.size(), 1);
  EXPECT_EQ(sink_.items[0].url(), "/files/artbench-10-binary.tar.gz");
}

TEST_F(ArtbenchBinaryTest, JoinsPicturesAndTableBySplitAndIndex) {
  ReadTable({"a_one,baroque,train,10001", "b_two,realism,test,0",
             "c_three,realism,train,10000"});
  ASSERT_OK(Parse(
      kArchive,
      MakeTarGz({{absl::StrCat(kFolder, "readme.html"), "x"},
                 {absl::StrCat(kFolder, "data_batch_2.bin"),
                  Picture(kRealism, 1, 2, 3) + Picture(kBaroque, 4, 5, 6)},
                 {absl::StrCat(kFolder, "test_batch.bin"),
                  Picture(kRealism, 7, 8, 9)}})));
  ASSERT_EQ(sink_.records.size(), 3);
  const Provenance& third = sink_.records[0].provenance();
  EXPECT_EQ(third.work().artist(), "c");
  EXPECT_EQ(third.work().title(), "three");
  EXPECT_EQ(third.work().style(), "realism");
  EXPECT_EQ(sink_.records[1].provenance().work().title(), "one");
  EXPECT_EQ(sink_.records[2].provenance().work().title(), "two");
  EXPECT_THAT(sink_.refused, IsEmpty());
}

TEST_F(ArtbenchBinaryTest, ThePixelsArriveUnchanged) {
  ReadTable({"a_one,baroque,train,0"});
  ASSERT_OK(Parse(kArchive, MakeTarGz({{"data_batch_1.bin",
                                        Picture(kBaroque, 10, 60, 200)}})));
  ASSERT_EQ(sink_.records.size(), 1);
  ASSERT_OK_AND_ASSIGN(const Image image,
                       DecodeImage(sink_.records[0].image()));
  ASSERT_EQ(image.width, 32);
  ASSERT_EQ(image.height, 32);
  for (int i = 0; i < 32 * 32; ++i) {
    ASSERT_EQ(image.rgb[3 * i], static_cast<uint8_t>(10 + i)) << i;
    ASSERT_EQ(image.rgb[3 * i + 1], static_cast<uint8_t>(60 + i)) << i;
    ASSERT_EQ(image.rgb[3 * i + 2], static_cast<uint8_t>(200 + i)) << i;
  }
}

TEST_F(ArtbenchBinaryTest, DoesNotPretendThatTheFileIsArtbenchs) {
  ReadTable({"a_one,baroque,train,0"});
  ASSERT_OK(Parse(
      kArchive, MakeTarGz({{"data_batch_1.bin", Picture(kBaroque, 1, 2, 3)}})));
  ASSERT_EQ(sink_.records.size(), 1);
  const Record& record = sink_.records[0];
  EXPECT_EQ(record.provenance().collection(), "artbench-32");
  EXPECT_THAT(record.provenance().page_url(),
              HasSubstr("artbench-10-binary.tar.gz#data_batch_1.bin/0"));
  EXPECT_THAT(record.image(), HasSubstr("Encoded by Verso"));
}

TEST_F(ArtbenchBinaryTest, TheLabelMustBeTheTables) {
  ReadTable({"a_one,baroque,train,0", "b_two,baroque,train,1"});
  ASSERT_OK(Parse(kArchive, MakeTarGz({{"data_batch_1.bin",
                                        Picture(kRealism, 1, 2, 3) +
                                            Picture(kBaroque, 4, 5, 6) +
                                            Picture(kBaroque, 7, 8, 9)}})));
  EXPECT_EQ(sink_.records.size(), 1);
  EXPECT_EQ(sink_.refused["label differs from the table"], 1);
  EXPECT_EQ(sink_.refused["no row in the table"], 1);
}

TEST_F(ArtbenchBinaryTest, CountsWhatTheArchiveDoesNotHave) {
  ReadTable({"a_one,baroque,train,0", "b_two,realism,train,1",
             "c_three,realism,test,0"});
  ASSERT_OK(Parse(
      kArchive, MakeTarGz({{"data_batch_1.bin", Picture(kBaroque, 1, 2, 3)}})));
  EXPECT_EQ(sink_.refused["missing from the archive"], 2);
}

TEST_F(ArtbenchBinaryTest, ABatchThatIsNoneIsRefused) {
  ReadTable({"a_one,baroque,train,0"});
  const std::string picture = Picture(kBaroque, 1, 2, 3);
  EXPECT_EQ(RefusalReason(Parse(
                kArchive, MakeTarGz({{"data_batch_1.bin", picture + "x"}}))),
            "not a batch");
  EXPECT_TRUE(sink_.records.empty());
}

TEST_F(ArtbenchBinaryTest, ATruncatedArchiveIsDataLossWhereverItIsCut) {
  std::string noise;
  for (int i = 0; i < 3073 * 4; ++i) {
    noise.push_back(static_cast<char>((i * i * 2654435761u) >> 13));
  }
  const std::string whole = MakeTarGz({{"data_batch_1.bin", noise}});
  for (size_t size = 20; size + 20 < whole.size(); size += 500) {
    EXPECT_TRUE(absl::IsDataLoss(Parse(kArchive, whole.substr(0, size))))
        << size;
  }
}

TEST_F(ArtbenchBinaryTest, ChecksTheArchiveAgainstTheSitesList) {
  ReadTable({"a_one,baroque,train,0"});
  const std::string archive =
      MakeTarGz({{"data_batch_1.bin", Picture(kBaroque, 1, 2, 3)}});
  ASSERT_OK(Parse("SHA256SUMS",
                  absl::StrCat(Sha256Hex(archive), "  ", kArchive, "\n")));
  EXPECT_OK(Parse(kArchive, archive));
  const std::string other =
      MakeTarGz({{"data_batch_1.bin", Picture(kBaroque, 1, 2, 4)}});
  EXPECT_EQ(RefusalReason(Parse(kArchive, other)), "wrong checksum");
}

TEST_F(ArtbenchBinaryTest, ATableWithoutIndexesIsRefused) {
  EXPECT_EQ(RefusalReason(Parse(kTable, "name,label\na_b.jpg,baroque\n")),
            "not a table");
}

TEST(BatchPlaceTest, KnowsTheSixFiles) {
  EXPECT_EQ(PlaceOfBatch("x/data_batch_1.bin")->first, 0);
  EXPECT_EQ(PlaceOfBatch("data_batch_5.bin")->first, 40'000);
  EXPECT_EQ(PlaceOfBatch("x/y/test_batch.bin")->split, "test");
  for (const char* other : {"data_batch_0.bin", "data_batch_6.bin",
                            "data_batch_11.bin", "data_batch_1.bin.txt", ""}) {
    EXPECT_FALSE(PlaceOfBatch(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace verso
