#include "ingest/work_key.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

TEST(WorkKeyTest, IsEqualAcrossSpellings) {
  const std::string key = WorkKey("GOGH, Vincent van", "The Starry Night");
  EXPECT_EQ(WorkKey("vincent van gogh", "the starry night 1889"), key);
  EXPECT_EQ(WorkKey("Vincent van Gogh", "The Starry Night (detail)"), key);
  EXPECT_EQ(WorkKey("DÜRER, Albrecht", "Señora"),
            WorkKey("albrecht durer", "senora"));
}

TEST(WorkKeyTest, DiffersByArtistAndTitle) {
  EXPECT_NE(WorkKey("A", "Madonna"), WorkKey("B", "Madonna"));
  EXPECT_NE(WorkKey("A", "Madonna"), WorkKey("A", "Pietà"));
}

TEST(WorkKeyTest, ATitleThatSaysNothingIsNoKey) {
  for (const char* title : {"", "Untitled", "(detail)", "..."}) {
    EXPECT_EQ(WorkKey("A", title), "") << title;
  }
}

TEST(WorkKeyTest, ATitleThatIsAYearStays) {
  EXPECT_NE(WorkKey("A", "1984"), WorkKey("A", "1985"));
}

TEST(YearOfTest, FindsTheFirstYear) {
  EXPECT_EQ(YearOf("1467-68"), 1467);
  EXPECT_EQ(YearOf("c. 1503"), 1503);
  EXPECT_EQ(YearOf("1501-1550"), 1501);
  EXPECT_EQ(YearOf("no. 12345"), 0);
  EXPECT_EQ(YearOf("15th century"), 0);
  EXPECT_EQ(YearOf(""), 0);
}

}  // namespace
}  // namespace verso
