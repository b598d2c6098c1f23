#include "evaluator/dashboard_page.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "evaluator/html_writer.h"
#include "evaluator/table_layout.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

void OpenPage(absl::string_view title, HtmlWriter& html) {
  html.Open("html", "", "lang=\"en\"");
  html.Open("head");
  html.Open("meta", "", "charset=\"utf-8\"");
  html.Open("meta", "",
            "name=\"viewport\" content=\"width=device-width, "
            "initial-scale=1\"");
  html.Element("title", title);
  html.Open("link", "", "rel=\"stylesheet\" href=\"/style.css\"");
  html.Close("head");
  html.Open("body");
  html.Open("main");
}

std::string ClosePage(HtmlWriter& html) {
  html.Close("main");
  html.Close("body");
  html.Close("html");
  return html.Take();
}

// "right s7": the stylesheet shades it; 0 to 10 tenths.
std::string ShadeOf(const TableCell& cell) {
  if (!cell.rate.has_value()) return "";
  const double tenths = std::clamp(std::round(*cell.rate * 10), 0.0, 10.0);
  return absl::StrCat(cell.wrong ? "wrong s" : "right s",
                      static_cast<int>(tenths));
}

void AddTable(const ThresholdFigures& figures, HtmlWriter& html) {
  const TableLayout table = LayOutTable(figures);
  html.Open("div", "scroll", "tabindex=\"0\"");
  html.Open("table", "matrix");
  html.Open("thead");
  html.Open("tr");
  html.Element("th", table.corner, "", "scope=\"col\"");
  for (const SourceFigures& source : figures.sources) {
    html.Open("th", "", "scope=\"col\"");
    html.Text(source.source);
    html.Element("span", LabelName(source.label), "truth");
    html.Close("th");
  }
  html.Close("tr");
  html.Close("thead");
  html.Open("tbody");
  for (const TableRow& row : table.rows) {
    html.Open("tr");
    html.Element("th", row.name, "", "scope=\"row\"");
    for (const TableCell& cell : row.cells) {
      html.Element("td", cell.text, ShadeOf(cell));
    }
    html.Close("tr");
  }
  html.Close("tbody");
  html.Close("table");
  html.Close("div");
}

void AddLines(const std::vector<std::string>& lines, HtmlWriter& html) {
  html.Open("ul");
  for (const std::string& line : lines) html.Element("li", line);
  html.Close("ul");
}

void AddBlock(absl::string_view heading, const ThresholdFigures& figures,
              HtmlWriter& html) {
  html.Open("section");
  html.Element("h2", heading);
  AddTable(figures, html);
  AddLines(OverallLines(figures), html);
  html.Close("section");
}

std::string MarksOf(const ReportList& list, const std::string& name) {
  if (name == list.best) {
    return name == list.newest ? "best, newest" : "best";
  }
  return name == list.newest ? "newest" : "";
}

void AddDownloads(const std::string& name, HtmlWriter& html) {
  const std::string query = absl::StrCat("?checkpoint=", EscapeUrl(name));
  html.Open("p", "downloads");
  html.Text("Download: ");
  html.Link(absl::StrCat("/table.csv", query), "table.csv");
  html.Text(" ");
  html.Link(absl::StrCat("/table.md", query), "table.md");
  html.Text(" ");
  html.Link(absl::StrCat("/report.json", query), "report.json");
  html.Close("p");
}

void AddCheckpointRow(const ReportList& list, const CatalogEntry& entry,
                      bool shown, HtmlWriter& html) {
  const ReportSubject& subject = entry.report.subject;
  const ThresholdFigures& frozen = entry.report.figures.frozen;
  html.Open("tr", shown ? "shown" : "");
  html.Open("th", "", "scope=\"row\"");
  html.Link(absl::StrCat("/table/", EscapeUrl(subject.checkpoint)),
            subject.checkpoint);
  if (const std::string marks = MarksOf(list, subject.checkpoint);
      !marks.empty()) {
    html.Element("span", marks, "mark");
  }
  html.Close("th");
  html.Element("td", subject.validation_loss.has_value()
                         ? absl::StrFormat("%.4f", *subject.validation_loss)
                         : "n/a");
  html.Element("td", ThresholdText(frozen.threshold));
  html.Element("td", RateText(frozen.balanced_accuracy));
  html.Element("td", frozen.worst_human);
  html.Element("td", frozen.worst_generated);
  html.Close("tr");
}

void AddCheckpoints(const ReportList& list, const CatalogEntry& shown,
                    HtmlWriter& html) {
  html.Open("section");
  html.Element("h2", "Checkpoints of this run");
  html.Open("div", "scroll", "tabindex=\"0\"");
  html.Open("table", "list");
  html.Open("thead");
  html.Open("tr");
  for (const char* head :
       {"checkpoint", "validation loss", "threshold", "balanced accuracy",
        "worst human source", "worst generated source"}) {
    html.Element("th", head, "", "scope=\"col\"");
  }
  html.Close("tr");
  html.Close("thead");
  html.Open("tbody");
  std::vector<const CatalogEntry*> newest_first;
  for (const auto& [name, entry] : list.reports) {
    newest_first.push_back(entry.get());
  }
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const CatalogEntry* a, const CatalogEntry* b) {
                     return a->report.subject.step > b->report.subject.step;
                   });
  for (const CatalogEntry* entry : newest_first) {
    AddCheckpointRow(list, *entry, entry == &shown, html);
  }
  html.Close("tbody");
  html.Close("table");
  html.Close("div");
  html.Close("section");
}

void AddHead(const ReportList& list, const EvaluationReport& report,
             HtmlWriter& html) {
  html.Open("header");
  html.Element("p", "Verso: what a detector of generated art gets wrong",
               "brand");
  html.Open("h1");
  html.Text(report.subject.checkpoint);
  if (const std::string marks = MarksOf(list, report.subject.checkpoint);
      !marks.empty()) {
    html.Element("span", marks, "mark");
  }
  html.Close("h1");
  html.Open("p");
  if (!report.subject.run.empty()) {
    html.Text(absl::StrCat("Run ", report.subject.run, ". "));
  }
  if (!list.best.empty() && list.best != report.subject.checkpoint) {
    html.Text("Best by validation loss: ");
    html.Link(absl::StrCat("/table/", EscapeUrl(list.best)), list.best);
  }
  html.Close("p");
  html.Close("header");
}

}  // namespace

std::string ReportPage(const ReportList& list, const CatalogEntry& entry) {
  const EvaluationReport& report = entry.report;
  HtmlWriter html;
  OpenPage(TitleOf(report), html);
  AddHead(list, report, html);
  if (const std::string sentence = StandInSentence(report); !sentence.empty()) {
    html.Element("p", sentence, "notice");
  }
  AddLines(SubjectLines(report), html);
  AddBlock(FrozenHeading(report), report.figures.frozen, html);
  if (report.subject.threshold != 0.5) {
    AddBlock("At threshold 0.5", report.figures.half, html);
  }
  html.Open("section");
  html.Element("h2", "How to read it");
  AddLines(Legend(report), html);
  html.Element("p", "Blue cells are right predictions, orange ones wrong.");
  html.Close("section");
  AddDownloads(report.subject.checkpoint, html);
  AddCheckpoints(list, entry, html);
  return ClosePage(html);
}

std::string EmptyPage() {
  return MessagePage(
      "No report yet",
      "No checkpoint of this run has been scored yet. A table appears here "
      "once the trainer has validated a checkpoint and the evaluator has "
      "scored it; load this page again then.");
}

std::string MessagePage(absl::string_view title, absl::string_view sentence) {
  HtmlWriter html;
  OpenPage(title, html);
  html.Element("h1", title);
  html.Element("p", sentence);
  html.Open("p");
  html.Link("/", "To the newest table");
  html.Close("p");
  return ClosePage(html);
}

}  // namespace verso
