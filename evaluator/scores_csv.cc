#include "evaluator/scores_csv.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "evaluator/csv_table.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

const std::vector<std::string>& Columns() {
  static const auto* const columns = new std::vector<std::string>{
      "sample_id", "source", "collection", "family",      "generator", "label",
      "exposure",  "split",  "work",       "degradation", "draw",      "logit"};
  return *columns;
}

absl::Status BadCell(const CsvTable& table, absl::string_view column) {
  return absl::DataLossError(absl::StrCat("line ", table.line(), ": ", column,
                                          " cannot be \"", table.Cell(column),
                                          "\""));
}

template <typename T>
absl::Status ReadWord(const CsvTable& table, absl::string_view column,
                      std::optional<T> value, T& out) {
  if (!value.has_value()) return BadCell(table, column);
  out = *value;
  return absl::OkStatus();
}

absl::Status ReadNumbers(const CsvTable& table, ScoreRow& row) {
  if (!absl::SimpleAtoi(table.Cell("draw"), &row.draw) || row.draw < 0) {
    return BadCell(table, "draw");
  }
  if (table.Cell("logit").empty()) return absl::OkStatus();
  float logit = 0;
  if (!absl::SimpleAtof(table.Cell("logit"), &logit) || std::isnan(logit)) {
    return BadCell(table, "logit");
  }
  row.logit = logit;
  return absl::OkStatus();
}

absl::StatusOr<ScoreRow> ReadRow(const CsvTable& table) {
  ScoreRow row;
  row.sample_id = table.Cell("sample_id");
  row.source = table.Cell("source");
  row.collection = table.Cell("collection");
  row.family = table.Cell("family");
  row.generator = table.Cell("generator");
  row.work = table.Cell("work");
  row.degradation = table.Cell("degradation");
  RETURN_IF_ERROR(
      ReadWord(table, "label", LabelFromName(table.Cell("label")), row.label));
  RETURN_IF_ERROR(ReadWord(table, "exposure",
                           ExposureFromName(table.Cell("exposure")),
                           row.exposure));
  RETURN_IF_ERROR(
      ReadWord(table, "split", SplitFromName(table.Cell("split")), row.split));
  RETURN_IF_ERROR(ReadNumbers(table, row));
  return row;
}

}  // namespace

std::string ScoresToCsv(const std::vector<ScoreRow>& rows) {
  std::string csv;
  AppendCsvRow(Columns(), csv);
  for (const ScoreRow& row : rows) {
    AppendCsvRow({row.sample_id, row.source, row.collection, row.family,
                  row.generator, std::string(LabelName(row.label)),
                  ExposureName(row.exposure), std::string(SplitName(row.split)),
                  row.work, row.degradation, absl::StrCat(row.draw),
                  row.logit.has_value() ? ShortestText(*row.logit) : ""},
                 csv);
  }
  return csv;
}

absl::StatusOr<std::vector<ScoreRow>> ScoresFromCsv(absl::string_view csv) {
  ASSIGN_OR_RETURN(CsvTable table, CsvTable::Open(csv));
  for (const std::string& column : Columns()) {
    if (!table.HasColumn(column)) {
      return absl::DataLossError(absl::StrCat("no column \"", column, "\""));
    }
  }
  std::vector<ScoreRow> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, table.Next());
    if (!more) return rows;
    ASSIGN_OR_RETURN(ScoreRow row, ReadRow(table));
    rows.push_back(std::move(row));
  }
}

}  // namespace verso
