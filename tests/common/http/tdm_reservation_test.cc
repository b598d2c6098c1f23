#include "common/http/tdm_reservation.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

bool Forbids(const std::string& text, const std::string& path) {
  return TdmReservations::Parse(text).Forbids(path);
}

std::string Rule(const std::string& location, const std::string& value) {
  return absl::StrCat("{\"location\":\"", location,
                      "\",\"tdm-reservation\":", value, "}");
}

// The example of the report, section "TDM File on the Origin Server".
constexpr char kExample[] = R"([
  {"location": "/directory-a/", "tdm-reservation": 1},
  {"location": "/directory-b/html/", "tdm-reservation": 1,
   "tdm-policy": "https://provider.com/policies/policy.json"},
  {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0}])";

TEST(TdmReservationTest, ReadsTheExampleOfTheReport) {
  const auto rules = TdmReservations::Parse(kExample);
  EXPECT_TRUE(rules.Forbids("/directory-a/x.pdf"));
  EXPECT_TRUE(rules.Forbids("/directory-b/html/a.html"));
  EXPECT_FALSE(rules.Forbids("/directory-b/images/a.jpg"));
  ASSERT_NE(rules.Find("/directory-b/html/"), nullptr);
  EXPECT_EQ(rules.Find("/directory-b/html/")->policy,
            "https://provider.com/policies/policy.json");
  EXPECT_EQ(rules.Find("/directory-a/")->policy, "");
}

TEST(TdmReservationTest, NothingIsDeclaredWhereNoRuleFits) {
  EXPECT_EQ(TdmReservations::Parse(kExample).Find("/other"), nullptr);
  EXPECT_FALSE(Forbids("[]", "/"));
  EXPECT_FALSE(TdmReservations().Forbids("/"));
}

TEST(TdmReservationTest, ASlashIsTheWholeSite) {
  EXPECT_TRUE(Forbids("[" + Rule("/", "1") + "]", "/a/b?c"));
}

TEST(TdmReservationTest, TheFirstRuleThatFitsDecides) {
  const std::string open_first =
      "[" + Rule("/a/", "0") + "," + Rule("/", "1") + "]";
  EXPECT_FALSE(Forbids(open_first, "/a/x"));
  EXPECT_TRUE(Forbids(open_first, "/b"));
  EXPECT_TRUE(
      Forbids("[" + Rule("/", "1") + "," + Rule("/a/", "0") + "]", "/a/x"));
}

TEST(TdmReservationTest, AStarStandsForAnyBytesAndADollarForTheEnd) {
  const std::string text =
      "[" + Rule("/*.jpg$", "1") + "," + Rule("/this/*/then", "1") + "]";
  EXPECT_TRUE(Forbids(text, "/x/y.jpg"));
  EXPECT_FALSE(Forbids(text, "/x/y.jpg?z"));
  EXPECT_TRUE(Forbids(text, "/this/or/that/then/some"));
  EXPECT_FALSE(Forbids(text, "/this/then"));
}

TEST(TdmReservationTest, PathsAreComparedByCaseAndInOneSpelling) {
  EXPECT_FALSE(Forbids("[" + Rule("/A", "1") + "]", "/a"));
  EXPECT_TRUE(Forbids("[" + Rule("/%7Ejoe", "1") + "]", "/~joe"));
  EXPECT_TRUE(Forbids("[" + Rule("/foo-%24", "1") + "]", "/foo-$"));
}

TEST(TdmReservationTest, TheValueMayBeWrittenInSeveralWays) {
  for (const char* one : {"1", "\"1\"", "true", "1.0"}) {
    EXPECT_TRUE(Forbids("[" + Rule("/", one) + "]", "/")) << one;
  }
  for (const char* zero : {"0", "\"0\"", "false"}) {
    const auto rules = TdmReservations::Parse("[" + Rule("/", zero) + "]");
    ASSERT_NE(rules.Find("/"), nullptr) << zero;
    EXPECT_FALSE(rules.Forbids("/")) << zero;
  }
}

TEST(TdmReservationTest, ARuleThatIsNoneDeclaresNothingAndTheNextOneCounts) {
  for (const char* bad :
       {"7", "null", "[]", "{}", "{\"location\":\"/\"}",
        "{\"tdm-reservation\":1}", "{\"location\":7,\"tdm-reservation\":1}",
        "{\"location\":\"/\",\"tdm-reservation\":2}",
        "{\"location\":\"/\",\"tdm-reservation\":null}",
        "{\"location\":\"/\",\"tdm-reservation\":[1]}",
        "{\"location\":\"\",\"tdm-reservation\":1}"}) {
    const auto rules = TdmReservations::Parse(
        absl::StrCat("[", bad, ",", Rule("/a", "1"), "]"));
    EXPECT_EQ(rules.Find("/b"), nullptr) << bad;
    EXPECT_TRUE(rules.Forbids("/a")) << bad;
  }
}

TEST(TdmReservationTest, TextThatIsNoArrayDeclaresNothing) {
  for (const char* text :
       {"", "<html>", "{", "[", "null", "{\"location\":\"/\"}",
        "{\"location\":\"/\",\"tdm-reservation\":1}",
        "[{\"location\":\"/\",\"tdm-reservation\":1}"}) {
    EXPECT_FALSE(Forbids(text, "/")) << text;
  }
}

TEST(TdmReservationTest, ALongOrDeeplyNestedFileTakesNoHarm) {
  const std::string deep(TdmReservations::kMaxBytes, '[');
  EXPECT_FALSE(Forbids(deep, "/"));
  const std::string wide =
      "[" + std::string(TdmReservations::kMaxBytes, ' ') + Rule("/", "1") + "]";
  EXPECT_FALSE(Forbids(wide, "/"));
}

}  // namespace
}  // namespace verso
