#include "common/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

absl::StatusOr<Rows> ReadAll(absl::string_view csv) {
  CsvReader reader(csv);
  Rows rows;
  while (true) {
    auto row = reader.Next();
    if (!row.ok()) return row.status();
    if (!row->has_value()) return rows;
    rows.push_back(**row);
  }
}

std::string WriteAll(const Rows& rows) {
  std::string csv;
  for (const auto& row : rows) AppendCsvRow(row, csv);
  return csv;
}

TEST(CsvTest, PlainFieldsAreNotQuoted) {
  EXPECT_EQ(WriteAll({{"a", "", "c d"}}), "a,,c d\n");
}

TEST(CsvTest, QuotesCommasAndLineEndsSurvive) {
  const Rows rows = {
      {"a,b", "say \"x\"", "two\nlines", "cr\r"}, {""}, {"", ""}};
  EXPECT_EQ(ReadAll(WriteAll(rows)).value(), rows);
}

TEST(CsvTest, ReadsCarriageReturnsAndAMissingLastLineEnd) {
  const Rows rows = ReadAll("a,b\r\n\r\n\"c\",d").value();
  EXPECT_THAT(rows, ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
}

TEST(CsvTest, AnEmptyTextHasNoRows) { EXPECT_TRUE(ReadAll("")->empty()); }

TEST(CsvTest, ATrailingCommaIsAnEmptyField) {
  EXPECT_THAT(*ReadAll("a,"), ElementsAre(ElementsAre("a", "")));
}

TEST(CsvTest, RefusesAQuotedFieldWithoutEnd) {
  const absl::Status status = ReadAll("a\n\"b\nc").status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 2"));
}

TEST(CsvTest, RefusesTextBehindAClosingQuote) {
  EXPECT_TRUE(absl::IsDataLoss(ReadAll("\"a\"b,c").status()));
}

TEST(CsvTest, LineIsWhereTheRowBegan) {
  CsvReader reader("a,\"x\ny\"\nb\n");
  ASSERT_TRUE(reader.Next()->has_value());
  EXPECT_EQ(reader.line(), 1);
  ASSERT_TRUE(reader.Next()->has_value());
  EXPECT_EQ(reader.line(), 3);
}

TEST(CsvTest, AnyBytesComeBackAsTheyWere) {
  std::mt19937 random(1);
  const std::string alphabet("\"\",\r\n a\0\xff", 10);
  for (int round = 0; round < 2000; ++round) {
    Rows rows(1 + random() % 3, std::vector<std::string>(1 + random() % 3));
    for (auto& row : rows) {
      for (std::string& field : row) {
        for (int i = random() % 6; i > 0; --i) {
          field.push_back(alphabet[random() % alphabet.size()]);
        }
      }
    }
    ASSERT_EQ(ReadAll(WriteAll(rows)).value(), rows) << "round " << round;
  }
}

TEST(CsvReaderTest, AByteOrderMarkIsNoPartOfTheFirstField) {
  CsvReader reader("\xEF\xBB\xBFname,x\n");
  const auto row = reader.Next();
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((**row)[0], "name");
}

}  // namespace
}  // namespace verso
