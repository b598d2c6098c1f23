#include "ingest/scrapers/html_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HtmlScanTest, FindsLinksToJpegsInAnyQuotesAndCase) {
  EXPECT_THAT(
      FindJpegLinks("<A HREF=\"/art/a.jpg\"><IMG SRC=\"/x.jpg\"></A>\n"
                    "<a class=b href='http://h/b.JPG?'>"
                    "<a\n title=\"x\"\n href=c.jpeg><a href=\"d&amp;e.jpg\">"),
      ElementsAre("/art/a.jpg", "c.jpeg", "d&e.jpg"));
}

TEST(HtmlScanTest, ATextThatLooksLikeALinkIsNone) {
  EXPECT_THAT(FindJpegLinks("href=a.jpg <b href=a.jpg> <area href=a.jpg>"),
              IsEmpty());
  EXPECT_THAT(FindJpegLinks("<a data-href=a.jpg>"), IsEmpty());
}

TEST(HtmlScanTest, ReadsRobotsMetaTagsForAllAndForUs) {
  EXPECT_EQ(
      ForbiddenByMetaTag("<META content='noindex, NOAI' name=robots>", "verso"),
      "noai");
  EXPECT_EQ(ForbiddenByMetaTag("<meta name=\"verso\" content=\"noimageai\">",
                               "verso"),
            "noimageai");
  EXPECT_EQ(ForbiddenByMetaTag("<meta name=\"otherbot\" content=\"noai\">"
                               "<meta name=robots content=noindex>",
                               "verso"),
            "");
}

TEST(HtmlScanTest, ADeeplyNestedOrBrokenPageEnds) {
  std::string page;
  for (int i = 0; i < 300000; ++i) page += "<a><";
  EXPECT_THAT(FindJpegLinks(page + "<a href=x.jpg>"), ElementsAre("x.jpg"));
  EXPECT_THAT(FindJpegLinks("<a href=\"" + std::string(1 << 20, 'x')),
              IsEmpty());
}

}  // namespace
}  // namespace verso
