#include "common/http/url.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace verso {
namespace {

TEST(UrlTest, GivesPartsAndTheSchemesPort) {
  const auto url = ParseUrl("https://Example.ORG/a/b.html?q=1#f");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->Authority(), "example.org:443");
  EXPECT_EQ(url->path, "/a/b.html");
  EXPECT_EQ(url->query, "q=1");
}

TEST(UrlTest, AnIpv6HostLosesItsBrackets) {
  EXPECT_EQ(ParseUrl("http://[::1]:80/")->host, "::1");
}

TEST(UrlTest, RefusesOtherSchemesAndNonsense) {
  for (const char* bad : {"file:///etc/passwd",
                          "gopher://a/",
                          "/relative",
                          "http://",
                          "",
                          "ftp://a/",
                          "dict://a/",
                          "javascript:alert(1)",

                          "http:a",
                          "data:text/plain,x",
                          "//a/b",
                          "a.example/b",
                          "http://a b/",
                          "http://a/b c",
                          "http://a/\tb",
                          "http://a/\nb",
                          "http://a\r/",
                          "http://[::1/",
                          "http://[::g]/",
                          "http://a:65536/",
                          "http://a:0x50/",
                          "http://a:-1/",
                          "http://a:80:80/",
                          "ws://a/",
                          "httpx://a/"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseUrl(bad).status())) << bad;
  }
}

TEST(UrlTest, RefusesAPartForUsersEvenAnEmptyOne) {
  for (const char* bad :
       {"http://user:secret@a/", "http://user@a/", "http://@a/", "http://:@a/",
        "http://b%40@a/", "http://a.example:80@b/"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseUrl(bad).status())) << bad;
  }
  EXPECT_EQ(ParseUrl("http://a/@b")->host, "a");
}

TEST(UrlTest, RefusesANulAndWhatIsTooLong) {
  EXPECT_FALSE(ParseUrl(absl::string_view("http://a/\0b", 11)).ok());
  const std::string longest = "http://a/" + std::string(kMaxUrlBytes - 9, 'x');
  EXPECT_TRUE(ParseUrl(longest).ok());
  EXPECT_FALSE(ParseUrl(longest + "x").ok());
  EXPECT_FALSE(ResolveUrl("http://a/", longest + "x").ok());
}

// So that no spelling of a host that may be asked hides another one, and none
// of a forbidden one passes for a name.
TEST(UrlTest, SpellingsOfAnIpv4AddressAreOneHost) {
  for (const char* url :
       {"http://127.0.0.1/", "http://127.1/", "http://2130706433/",
        "http://0x7f000001/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
        "http://127.0.1/", "http://%31%32%37.0.0.1/", "HTTP://127.0.0.1:80"}) {
    ASSERT_TRUE(ParseUrl(url).ok()) << url;
    EXPECT_EQ(ParseUrl(url)->Authority(), "127.0.0.1:80") << url;
  }
}

TEST(UrlTest, ResolvesALocation) {
  const std::string base = "http://a/b/c?q#f";
  for (const auto& [reference, url] :
       std::vector<std::pair<std::string, std::string>>{
           {"/d", "http://a/d"},
           {"d", "http://a/b/d"},
           {"../d", "http://a/d"},
           {"?x", "http://a/b/c?x"},
           {"//e:8/f", "http://e:8/f"},
           {"https://e/f", "https://e/f"}}) {
    const auto resolved = ResolveUrl(base, reference);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(*resolved, url);
  }
}

TEST(UrlTest, ALocationThatLeavesHttpOrHidesALineIsRefused) {
  for (const char* bad : {"file:///d", "http://b\nx", "/x\r\nSet-Cookie: a",
                          "http://u:p@e/", "//u@e/", "gopher://e/"}) {
    EXPECT_FALSE(ResolveUrl("http://a/b/c", bad).ok()) << bad;
  }
}

TEST(UrlTest, EncodesAllButUnreserved) {
  EXPECT_EQ(PercentEncode("http://a/b c&d=é~"),
            "http%3A%2F%2Fa%2Fb%20c%26d%3D%C3%A9~");
}

TEST(UrlTest, KnowsLoopbackNames) {
  EXPECT_TRUE(IsLoopbackHost("localhost"));
  EXPECT_TRUE(IsLoopbackHost("127.1.2.3"));
  EXPECT_TRUE(IsLoopbackHost("::1"));
  EXPECT_FALSE(IsLoopbackHost("10.0.0.1"));
  EXPECT_FALSE(IsLoopbackHost("localhost.example.org"));
}

}  // namespace
}  // namespace verso
