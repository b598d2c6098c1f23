#include "shardstore/sample_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::verso::testing::StatusIs;

SampleRow ExampleRow() {
  SampleRow row;
  row.sample_id = "0123456789abcdef0123456789abcdef";
  row.source = "wga";
  row.collection = "louvre";
  row.label = LABEL_HUMAN;
  row.split = SPLIT_VALIDATION;
  row.held_out = true;
  row.work = "00";
  row.family = "stable-diffusion";
  row.generator = "v1-4";
  row.style = "baroque";
  row.title = "Still Life, with \"Fruit\"\nand Flowers";
  row.artist = "Jan Brueghel the Elder";
  row.page_url = "https://www.wga.hu/html/b/brueghel/x.html";
  row.image_url = "https://www.wga.hu/art/b/brueghel/x.jpg";
  row.sha256 = std::string(64, 'e');
  row.format = "jpeg";
  row.size_bytes = int64_t{5} << 32;
  row.width = 1024;
  row.height = 768;
  row.jpeg_quality = 92;
  row.chroma_subsampling = "4:2:0";
  row.scale = 1.0 / 3;
  row.stand_in = "simulated";
  return row;
}

// Every column of `row`, by its own comparison: not the CSV's.
void ExpectEqualRows(const SampleRow& a, const SampleRow& b) {
  EXPECT_EQ(a.sample_id, b.sample_id);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.collection, b.collection);
  EXPECT_EQ(a.label, b.label);
  EXPECT_EQ(a.split, b.split);
  EXPECT_EQ(a.held_out, b.held_out);
  EXPECT_EQ(a.work, b.work);
  EXPECT_EQ(a.family, b.family);
  EXPECT_EQ(a.generator, b.generator);
  EXPECT_EQ(a.style, b.style);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.artist, b.artist);
  EXPECT_EQ(a.page_url, b.page_url);
  EXPECT_EQ(a.image_url, b.image_url);
  EXPECT_EQ(a.sha256, b.sha256);
  EXPECT_EQ(a.format, b.format);
  EXPECT_EQ(a.size_bytes, b.size_bytes);
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
  EXPECT_EQ(a.jpeg_quality, b.jpeg_quality);
  EXPECT_EQ(a.chroma_subsampling, b.chroma_subsampling);
  EXPECT_EQ(a.scale, b.scale);
  EXPECT_EQ(a.stand_in, b.stand_in);
}

TEST(SampleTableTest, EveryFieldComesBack) {
  ASSERT_OK_AND_ASSIGN(const auto rows,
                       SamplesFromCsv(SamplesToCsv({ExampleRow()})));
  ASSERT_EQ(rows.size(), 1u);
  ExpectEqualRows(rows[0], ExampleRow());
}

TEST(SampleTableTest, AnyScaleComesBackToTheLastBit) {
  std::mt19937_64 random(3);
  std::vector<SampleRow> rows(200);
  for (SampleRow& row : rows) {
    row.scale = std::uniform_real_distribution<>(0, 4)(random);
  }
  ASSERT_OK_AND_ASSIGN(const auto back, SamplesFromCsv(SamplesToCsv(rows)));
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(back[i].scale, rows[i].scale);
  }
}

TEST(SampleTableTest, TheHeaderNamesTheFields) {
  EXPECT_THAT(SamplesToCsv({}),
              StartsWith("sample_id,source,collection,label,split,held_out,"
                         "work,family,generator,style,"));
}

TEST(SampleTableTest, IgnoresColumnsOfLaterVersions) {
  std::string csv = SamplesToCsv({ExampleRow()});
  csv = absl::StrReplaceAll(csv, {{"sample_id,", "later,sample_id,"},
                                  {"0123456789abcdef0123456789abcdef,",
                                   "x,0123456789abcdef0123456789abcdef,"}});
  ASSERT_OK_AND_ASSIGN(const auto rows, SamplesFromCsv(csv));
  ASSERT_EQ(rows.size(), 1u);
  ExpectEqualRows(rows[0], ExampleRow());
}

TEST(SampleTableTest, RefusesAMissingColumn) {
  EXPECT_THAT(
      SamplesFromCsv("sample_id,source\na,b\n"),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no column collection")));
}

TEST(SampleTableTest, NamesTheLineAndFieldThatIsMalformed) {
  SampleRow plain = ExampleRow();
  plain.title = "x";
  const std::string csv =
      absl::StrReplaceAll(SamplesToCsv({plain, plain}), {{",1024,", ",10x4,"}});
  EXPECT_THAT(SamplesFromCsv(csv),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("line 2: width is malformed")));
}

TEST(SampleTableTest, RefusesALineThatIsCutShort) {
  const std::string csv = SamplesToCsv({ExampleRow()}) + "half,a,line\n";
  EXPECT_THAT(SamplesFromCsv(csv),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("has 3 fields")));
}

TEST(SampleTableTest, RefusesAnEmptyFile) {
  EXPECT_THAT(SamplesFromCsv(""), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace verso
