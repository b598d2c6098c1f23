#include "common/http/url.h"

#include <gtest/gtest.h>

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

TEST(UrlTest, RefusesOtherSchemesUsersAndNonsense) {
  for (const char* bad : {"file:///etc/passwd", "gopher://a/", "/relative",
                          "http://user:secret@a/", "http://", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseUrl(bad).status())) << bad;
  }
}

TEST(UrlTest, ResolvesALocation) {
  EXPECT_EQ(*ResolveUrl("http://a/b/c", "/d"), "http://a/d");
  EXPECT_EQ(*ResolveUrl("http://a/b/c", "https://e/f"), "https://e/f");
  EXPECT_FALSE(ResolveUrl("http://a/b/c", "file:///d").ok());
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
