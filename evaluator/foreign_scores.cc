#include "evaluator/foreign_scores.h"

#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "evaluator/csv_table.h"
#include "evaluator/exposure.h"

namespace verso {
namespace {

using LogitById = std::map<std::string, float>;

absl::Status BadLine(const CsvTable& table, absl::string_view cause) {
  return absl::InvalidArgumentError(
      absl::StrCat("scores, line ", table.line(), ": ", cause));
}

absl::StatusOr<float> LogitOf(const CsvTable& table, bool is_logit) {
  const std::string& cell = table.Cell(is_logit ? "logit" : "probability");
  double value = 0;
  if (!absl::SimpleAtod(cell, &value) || std::isnan(value)) {
    return BadLine(table, absl::StrCat("\"", cell, "\" is not a score"));
  }
  if (is_logit) return static_cast<float>(value);
  if (value < 0 || value > 1) {
    return BadLine(table, absl::StrCat("a probability cannot be ", cell));
  }
  return static_cast<float>(std::log(value) - std::log1p(-value));
}

absl::StatusOr<LogitById> ReadLogits(absl::string_view csv) {
  ASSIGN_OR_RETURN(CsvTable table, CsvTable::Open(csv));
  const bool is_logit = table.HasColumn("logit");
  if (!table.HasColumn("sample_id") ||
      is_logit == table.HasColumn("probability")) {
    return absl::InvalidArgumentError(
        "scores need a column sample_id and exactly one of logit and "
        "probability");
  }
  LogitById logits;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, table.Next());
    if (!more) return logits;
    ASSIGN_OR_RETURN(const float logit, LogitOf(table, is_logit));
    if (!logits.emplace(table.Cell("sample_id"), logit).second) {
      return BadLine(
          table, absl::StrCat(table.Cell("sample_id"), " has a score already"));
    }
  }
}

// Takes each used score out of `logits`.
absl::StatusOr<std::vector<ScoreRow>> Join(const std::vector<SampleRow>& table,
                                           LogitById& logits) {
  const TrainedOn trained_on(table);
  std::vector<ScoreRow> rows;
  for (const SampleRow& sample : table) {
    const auto logit = logits.find(sample.sample_id);
    if (sample.split == SPLIT_TEST) {
      if (logit == logits.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "sample ", sample.sample_id, " (", sample.source,
            ") of the test split has no score; score every picture of it"));
      }
      rows.push_back(ScoreRowOf(sample, trained_on));
      rows.back().logit = logit->second;
      rows.back().exposure = Exposure::kUnknown;
    }
    if (logit != logits.end()) logits.erase(logit);
  }
  return rows;
}

}  // namespace

absl::StatusOr<EvaluationReport> EvaluateForeignScores(
    absl::string_view csv, ShardStore& store, const ForeignOptions& options) {
  ASSIGN_OR_RETURN(LogitById logits, ReadLogits(csv));
  ASSIGN_OR_RETURN(const SnapshotInfo snapshot,
                   store.GetSnapshot(options.snapshot));
  ASSIGN_OR_RETURN(const std::vector<SampleRow> table,
                   store.ReadSampleTable(snapshot.id()));
  EvaluationReport report;
  ASSIGN_OR_RETURN(report.scores, Join(table, logits));
  if (!logits.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample ", logits.begin()->first,
                     " has a score but is not in snapshot ", snapshot.id()));
  }
  report.subject = {.checkpoint = options.name,
                    .manifest_sha256 = Sha256Hex(csv),
                    .snapshot = snapshot.id(),
                    .snapshot_name = snapshot.recipe().name(),
                    .threshold = options.threshold,
                    .threshold_origin = "given"};
  report.figures =
      ComputeFigures(report.scores, options.threshold, StandInsOf(table));
  return report;
}

}  // namespace verso
