#include "evaluator/table_csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/csv.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

std::string Rate(std::optional<double> rate) {
  return rate.has_value() ? absl::StrFormat("%.6f", *rate) : "";
}

std::string Low(const std::optional<Interval>& interval) {
  return interval.has_value() ? Rate(interval->low) : "";
}

std::string High(const std::optional<Interval>& interval) {
  return interval.has_value() ? Rate(interval->high) : "";
}

}  // namespace

std::string TableCsv(const EvaluationReport& report) {
  std::string csv;
  AppendCsvRow(
      {"checkpoint", "snapshot", "threshold", "source", "label", "generator",
       "family", "exposure", "n", "n_works", "predicted_human",
       "predicted_generated", "rate_generated", "wilson_low", "wilson_high",
       "by_work_low", "by_work_high", "unscored", "stand_in"},
      csv);
  for (const SourceFigures& source : report.figures.frozen.sources) {
    AppendCsvRow(
        {report.subject.checkpoint, report.subject.snapshot,
         ShortestText(report.figures.frozen.threshold), source.source,
         std::string(LabelName(source.label)), source.generator, source.family,
         ExposureName(source.exposure), absl::StrCat(source.n),
         absl::StrCat(source.n_works), absl::StrCat(source.predicted_human),
         absl::StrCat(source.predicted_generated), Rate(source.rate_generated),
         Low(source.wilson), High(source.wilson), Low(source.by_work),
         High(source.by_work), absl::StrCat(source.unscored), source.stand_in},
        csv);
  }
  return csv;
}

}  // namespace verso
