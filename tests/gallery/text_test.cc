#include "tests/gallery/text.h"

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using testing::IsOkAndHolds;

TEST(TextTest, EncodesInTheCodePagesOfTheCatalogue) {
  EXPECT_THAT(Encode("Café", "CP850"), IsOkAndHolds("Caf\x82"));
  EXPECT_THAT(Encode("Café", "ISO-8859-1"), IsOkAndHolds("Caf\xE9"));
  EXPECT_THAT(Encode("Café", "UTF-8"), IsOkAndHolds("Café"));
}

TEST(TextTest, WhatACodePageDoesNotHaveIsALookAlikeOrAQuestionMark) {
  EXPECT_THAT(Encode("1874–76", "CP850"), IsOkAndHolds("1874-76"));
  EXPECT_THAT(Encode("漢.", "CP850"), IsOkAndHolds("?."));
}

TEST(TextTest, RefusesAnUnknownEncodingAndTextThatIsNotUtf8) {
  EXPECT_FALSE(Encode("a", "no-such-encoding").ok());
  EXPECT_FALSE(Encode("\xff", "CP850").ok());
}

TEST(TextTest, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(ToUtf8("Caf\xe9 é"), "Caf? é");
  EXPECT_EQ(ToUtf8("\xc3"), "?");
}

TEST(TextTest, KeepsWesternLettersAndReplacesOthers) {
  EXPECT_EQ(ToWestern(" Eugène? "), "Eugène?");
  EXPECT_EQ(ToWestern("Караваджо (1601)"), "Karavadzho (1601)");
}

TEST(TextTest, CutsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("aé", 2), "a");
  EXPECT_EQ(CutUtf8("aé", 3), "aé");
  EXPECT_EQ(CutUtf8("é", 0), "");
}

TEST(TextTest, SlugsAreWordsWithDashes) {
  EXPECT_EQ(Slug("  Ukiyo-e: The WAVE! "), "ukiyo-e-the-wave");
  EXPECT_EQ(Slug("../../etc"), "etc");
}

TEST(TextTest, FindsTheFirstYear) {
  EXPECT_EQ(YearIn("Dancers (1874-76)"), 1874);
  EXPECT_EQ(YearIn("no. 12345, 99"), 0);
}

}  // namespace
}  // namespace verso
