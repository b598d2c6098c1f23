#include "evaluator/dashboard_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/evaluator/sample_report.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::SampleReport;

std::string PageOf(const EvaluationReport& report) {
  ReportList list;
  auto entry = std::make_shared<CatalogEntry>();
  entry->report = report;
  list.reports[report.subject.checkpoint] = entry;
  list.newest = list.best = report.subject.checkpoint;
  return ReportPage(list, *entry);
}

// The page with text from outside replaced in every place where it is shown.
EvaluationReport WithText(const std::string& text) {
  EvaluationReport report = SampleReport(5);
  report.subject.run = text;
  report.subject.checkpoint = text;
  report.subject.model = text;
  report.subject.snapshot = text;
  report.subject.snapshot_name = text;
  report.subject.threshold_origin = text;
  for (ScoreRow& row : report.scores) {
    row.family = row.generator = text;
    if (row.source == "wga" || row.source == "lofi") row.source = text;
  }
  report.figures = ComputeFigures(report.scores, 0.625, {{text, text}});
  return report;
}

// The tags and attribute names of a page, without texts and values.
std::string SkeletonOf(const std::string& html) {
  std::string skeleton;
  bool in_tag = false;
  bool in_value = false;
  for (const char c : html) {
    if (in_value) {
      in_value = c != '"';
    } else if (in_tag && c == '"') {
      in_value = true;
    } else if (c == '<') {
      in_tag = true;
    }
    if (in_tag && !in_value) skeleton.push_back(c);
    if (!in_value && c == '>') in_tag = false;
  }
  return skeleton;
}

TEST(DashboardPageTest, ShowsTheTableAndWhoseItIs) {
  const std::string page = PageOf(SampleReport(5));
  for (const char* text :
       {"step-0000000005", "best, newest", "Run quickstart.", "artbench",
        "0.900", "0.018 to 0.404", "same source", "unseen",
        "At threshold 0.625 (frozen on validation, alpha 0.05)",
        "At threshold 0.5", "wga (simulated)"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(DashboardPageTest, HasNeitherScriptNorInlineStyle) {
  const std::string page = PageOf(SampleReport(5));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("style=")));
  EXPECT_THAT(page, Not(HasSubstr("<style")));
}

TEST(DashboardPageTest, RealPicturesCarryNoNotice) {
  EvaluationReport report = SampleReport(5);
  report.figures = ComputeFigures(report.scores, 0.625, {});
  EXPECT_THAT(PageOf(report), Not(HasSubstr("notice")));
}

TEST(DashboardPageTest, HostileTextLeavesTheTagsAsTheyAre) {
  const std::string benign = SkeletonOf(PageOf(WithText("benign")));
  for (const char* text : {
           "<script>alert(1)</script>",
           "\"><img src=x onerror=alert(1)>",
           "' onmouseover='alert(1)",
           "</title><svg onload=alert(1)>",
           "</td></tr></table><h1>x",
           "<!--",
           "-->",
           "]]>",
           "javascript:alert(1)",
           "&lt;script&gt;",
           "&#60;script&#62;",
           "<a href=\"javascript:alert(1)\">x</a>",
           "\x1b]0;title\x07",
           "\xff\xfe<script>",
           "<\n/script\t>",
           "\" style=\"position:fixed",
           "<style>*{display:none}</style>",
           "<meta http-equiv=refresh content=0;url=//evil>",
           "<base href=//evil>",
           "<iframe srcdoc=x>",
           "`${alert(1)}`",
           "{{constructor.constructor('alert(1)')()}}",
       }) {
    EXPECT_EQ(SkeletonOf(PageOf(WithText(text))), benign) << text;
  }
}

TEST(DashboardPageTest, ARunWithoutReportsSaysWhatHappensNext) {
  EXPECT_THAT(EmptyPage(), HasSubstr("No report yet"));
}

}  // namespace
}  // namespace verso
