#include "evaluator/html_writer.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

TEST(HtmlWriterTest, MarkupBecomesText) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST(HtmlWriterTest, ControlCharactersAreReplaced) {
  EXPECT_EQ(EscapeHtml(absl::string_view("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(HtmlWriterTest, LettersOfOtherScriptsStay) {
  EXPECT_EQ(EscapeHtml("Dürer 北斎"), "Dürer 北斎");
}

TEST(HtmlWriterTest, UrlSegmentsKeepOnlySafeCharacters) {
  EXPECT_EQ(EscapeUrl("step-01_a.b~"), "step-01_a.b~");
  EXPECT_EQ(EscapeUrl("../\"x y"), "..%2F%22x%20y");
}

TEST(HtmlWriterTest, ElementsAreClosed) {
  HtmlWriter html;
  html.Element("td", "1 < 2", "right s3");
  EXPECT_EQ(html.Take(),
            "<!doctype html>\n<td class=\"right s3\">1 &lt; 2</td>\n");
}

}  // namespace
}  // namespace verso
