#include "evaluator/table_markdown.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "evaluator/table_layout.h"

namespace verso {
namespace {

using Line = std::vector<std::string>;

// Code points, not bytes: names may hold any letters.
size_t WidthOf(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

std::vector<Line> LinesOf(const TableLayout& table) {
  std::vector<Line> lines;
  Line head = {table.corner};
  head.insert(head.end(), table.columns.begin(), table.columns.end());
  lines.push_back(head);
  for (const TableRow& row : table.rows) {
    Line line = {row.name};
    for (const TableCell& cell : row.cells) line.push_back(cell.text);
    lines.push_back(line);
  }
  for (Line& line : lines) {
    for (std::string& cell : line) cell = EscapeMarkdown(cell);
  }
  return lines;
}

std::vector<size_t> WidthsOf(const std::vector<Line>& lines) {
  std::vector<size_t> widths(lines[0].size(), 3);
  for (const Line& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(line[i]));
    }
  }
  return widths;
}

// The first column is left-aligned, the others right-aligned.
void AppendLine(const Line& line, const std::vector<size_t>& widths,
                std::string& out) {
  for (size_t i = 0; i < line.size(); ++i) {
    const std::string padding(widths[i] - WidthOf(line[i]), ' ');
    absl::StrAppend(&out, "| ", i == 0 ? "" : padding, line[i],
                    i == 0 ? padding : "", " ");
  }
  out += "|\n";
}

void AppendRule(const std::vector<size_t>& widths, std::string& out) {
  for (size_t i = 0; i < widths.size(); ++i) {
    absl::StrAppend(&out, "|", i == 0 ? ":" : "-", std::string(widths[i], '-'),
                    i == 0 ? "-" : ":");
  }
  out += "|\n";
}

void AppendTable(const TableLayout& table, std::string& out) {
  const std::vector<Line> lines = LinesOf(table);
  const std::vector<size_t> widths = WidthsOf(lines);
  AppendLine(lines[0], widths, out);
  AppendRule(widths, out);
  for (size_t i = 1; i < lines.size(); ++i) AppendLine(lines[i], widths, out);
  out += "\n";
}

void AppendLines(const std::vector<std::string>& lines, std::string& out) {
  for (const std::string& line : lines) {
    absl::StrAppend(&out, "- ", EscapeMarkdown(line), "\n");
  }
  out += "\n";
}

void AppendBlock(absl::string_view heading, const ThresholdFigures& figures,
                 std::string& out) {
  absl::StrAppend(&out, "## ", EscapeMarkdown(heading), "\n\n");
  AppendTable(LayOutTable(figures), out);
  AppendLines(OverallLines(figures), out);
}

}  // namespace

std::string EscapeMarkdown(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      escaped.push_back(' ');
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (absl::string_view("\\`*[]|").find(c) !=
               absl::string_view::npos) {
      escaped += {'\\', c};
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

std::string TableMarkdown(const EvaluationReport& report) {
  std::string out = absl::StrCat("# ", EscapeMarkdown(TitleOf(report)), "\n\n");
  if (const std::string sentence = StandInSentence(report); !sentence.empty()) {
    absl::StrAppend(&out, "**", EscapeMarkdown(sentence), "**\n\n");
  }
  AppendLines(SubjectLines(report), out);
  AppendBlock(FrozenHeading(report), report.figures.frozen, out);
  if (report.subject.threshold != 0.5) {
    AppendBlock("At threshold 0.5", report.figures.half, out);
  }
  AppendLines(Legend(report), out);
  out.pop_back();  // The last empty line.
  return out;
}

}  // namespace verso
