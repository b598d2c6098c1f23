#include "common/http/robots_txt.h"

#include <gtest/gtest.h>

#include <string>

namespace verso {
namespace {

bool Allows(const std::string& text, const std::string& path) {
  return RobotsTxt::Parse(text, "verso").Allows(path);
}

TEST(RobotsTxtTest, WithoutRulesEverythingMayBeFetched) {
  EXPECT_TRUE(Allows("", "/a"));
  EXPECT_TRUE(Allows("<html>no robots here</html>", "/a"));
  EXPECT_TRUE(Allows("User-agent: *\nDisallow:\n", "/a"));
}

TEST(RobotsTxtTest, RulesBeforeAnyNameSayNothing) {
  EXPECT_TRUE(Allows("Disallow: /\n", "/a"));
}

TEST(RobotsTxtTest, TheGroupOfOurNameReplacesThatOfAll) {
  const std::string text =
      "User-agent: *\nDisallow: /\n\nUser-agent: Verso/2.0\nDisallow: /x\n";
  EXPECT_TRUE(Allows(text, "/a"));
  EXPECT_FALSE(Allows(text, "/x/1"));
  EXPECT_FALSE(RobotsTxt::Parse(text, "other").Allows("/a"));
}

TEST(RobotsTxtTest, AGroupMayHaveSeveralNamesAndANameSeveralGroups) {
  const std::string text =
      "User-agent: foo\nUser-agent: VERSO\nDisallow: /a\n"
      "User-agent: bar\nDisallow: /b\n"
      "User-agent: verso\nDisallow: /c\n";
  EXPECT_FALSE(Allows(text, "/a"));
  EXPECT_TRUE(Allows(text, "/b"));
  EXPECT_FALSE(Allows(text, "/c"));
}

TEST(RobotsTxtTest, LinesOfOtherKindsDoNotPartANameFromItsRules) {
  EXPECT_FALSE(
      Allows("User-agent: *\nSitemap: http://h/s\nfoo\nDisallow: /", "/a"));
}

TEST(RobotsTxtTest, ANameMustBeOursAsAWhole) {
  EXPECT_TRUE(Allows("User-agent: versobot\nDisallow: /\n", "/a"));
  EXPECT_TRUE(Allows("User-agent: ver\nDisallow: /\n", "/a"));
}

// The example of RFC 9309, 2.2.2 and 5.2.
TEST(RobotsTxtTest, TheLongestPatternDecides) {
  const std::string text =
      "User-agent: *\nAllow: /example/page/\n"
      "Disallow: /example/page/disallowed.gif\n";
  EXPECT_FALSE(Allows(text, "/example/page/disallowed.gif"));
  EXPECT_TRUE(Allows(text, "/example/page/allowed.gif"));
}

TEST(RobotsTxtTest, OfEqualPatternsTheAllowingOneDecides) {
  EXPECT_TRUE(Allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a"));
  EXPECT_TRUE(Allows("User-agent: *\nAllow: /a\nDisallow: /a\n", "/a"));
}

TEST(RobotsTxtTest, AStarStandsForAnyBytesAndADollarForTheEnd) {
  const std::string text =
      "User-agent: *\nDisallow: /*.gif$\nDisallow: /a*b*c\n";
  EXPECT_FALSE(Allows(text, "/x/y.gif"));
  EXPECT_TRUE(Allows(text, "/x/y.gif?z"));
  EXPECT_FALSE(Allows(text, "/a1b2c3"));
  EXPECT_TRUE(Allows(text, "/a1c2b3"));
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /*a$", "/aa"));
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /exact$", "/exact"));
  EXPECT_TRUE(Allows("User-agent: *\nDisallow: /exact$", "/exactly"));
  EXPECT_TRUE(Allows("User-agent: *\nDisallow: /ab*b$", "/ab"));
}

TEST(RobotsTxtTest, EscapesOfTheSameBytesAreEqual) {
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /%7Ejoe\n", "/~joe"));
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /~joe\n", "/%7ejoe"));
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /\xC3\xA9\n", "/%c3%a9"));
  EXPECT_FALSE(Allows("User-agent: *\nDisallow: /a%3cd\n", "/a%3Cd"));
  EXPECT_TRUE(Allows("User-agent: *\nDisallow: /a%2Fb\n", "/a/b"));
}

// The examples of RFC 9309, 2.2.3.
TEST(RobotsTxtTest, AnEscapedStarOrDollarMeansItself) {
  const std::string text =
      "User-agent: *\nDisallow: /a-%2A.html\nDisallow: /foo-%24\n"
      "Disallow: /mid$dle\n";
  EXPECT_FALSE(Allows(text, "/a-*.html"));
  EXPECT_FALSE(Allows(text, "/a-%2a.html"));
  EXPECT_TRUE(Allows(text, "/a-b.html"));
  EXPECT_FALSE(Allows(text, "/foo-$"));
  EXPECT_TRUE(Allows(text, "/foo-"));
  EXPECT_FALSE(Allows(text, "/mid$dle"));
}

TEST(RobotsTxtTest, ReadsAnyLineEndsCommentsAndCase) {
  EXPECT_FALSE(
      Allows("\xEF\xBB\xBFUSER-AGENT : *  # all\rdisallow:/a#b\r\n", "/a"));
}

TEST(RobotsTxtTest, TellsTheLargestCrawlDelayOfTheGroup) {
  const auto delay = [](const std::string& text) {
    return RobotsTxt::Parse(text, "verso").crawl_delay();
  };
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 2.5\n"), absl::Seconds(2.5));
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 1\nCrawl-delay: 3\n"),
            absl::Seconds(3));
  EXPECT_EQ(delay("User-agent: verso\nDisallow: /\nUser-agent: *\n"
                  "Crawl-delay: 9"),
            std::nullopt);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: -1\nCrawl-delay: nan\n"),
            std::nullopt);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 1e300\n"), absl::Hours(24));
}

TEST(RobotsTxtTest, APatternOfManyStarsTakesNoTime) {
  std::string pattern, path;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  for (int i = 0; i < 8000; ++i) path += "a";
  EXPECT_TRUE(
      Allows("User-agent: *\nDisallow: /" + pattern + "*b$", "/" + path));
}

TEST(RobotsTxtTest, WhatLiesBehindTheLimitSaysNothing) {
  const std::string filler(RobotsTxt::kMaxBytes, '\n');
  EXPECT_TRUE(Allows("User-agent: *\n" + filler + "Disallow: /", "/a"));
}

}  // namespace
}  // namespace verso
