#include "common/claims/year.h"

#include "gtest/gtest.h"

namespace verso {
namespace {

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
