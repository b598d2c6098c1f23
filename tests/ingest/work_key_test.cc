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

}  // namespace
}  // namespace verso
