#include "evaluator/table_layout.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

using CellOf = std::function<TableCell(const SourceFigures&)>;

TableCell RateCell(const SourceFigures& source, std::optional<double> rate,
                   Label predicted) {
  TableCell cell = {.text = RateText(rate)};
  if (source.label == LABEL_HUMAN || source.label == LABEL_GENERATED) {
    cell.rate = rate;
    cell.wrong = source.label != predicted;
  }
  return cell;
}

TableCell CountCell(int64_t count) { return {.text = absl::StrCat(count)}; }

TableCell IntervalCell(const std::optional<Interval>& interval) {
  if (!interval.has_value()) return {.text = "n/a"};
  return {.text =
              absl::StrFormat("%.3f to %.3f", interval->low, interval->high)};
}

std::optional<double> RateHuman(const SourceFigures& source) {
  if (!source.rate_generated.has_value()) return std::nullopt;
  return 1 - *source.rate_generated;
}

std::string ExposureText(Exposure exposure) {
  return absl::StrReplaceAll(ExposureName(exposure), {{"_", " "}});
}

std::vector<std::pair<std::string, CellOf>> AlwaysShown() {
  using S = const SourceFigures&;
  return {
      {"human", [](S s) { return RateCell(s, RateHuman(s), LABEL_HUMAN); }},
      {"generated",
       [](S s) { return RateCell(s, s.rate_generated, LABEL_GENERATED); }},
      {"human, pictures", [](S s) { return CountCell(s.predicted_human); }},
      {"generated, pictures",
       [](S s) { return CountCell(s.predicted_generated); }},
      {"n", [](S s) { return CountCell(s.n); }},
      {"works", [](S s) { return CountCell(s.n_works); }},
      {"generated, 95 % (Wilson)", [](S s) { return IntervalCell(s.wilson); }},
      {"generated, 95 % (by work)",
       [](S s) { return IntervalCell(s.by_work); }},
      {"exposure",
       [](S s) { return TableCell{.text = ExposureText(s.exposure)}; }},
  };
}

TableRow RowOf(std::string name, const std::vector<SourceFigures>& sources,
               const CellOf& cell_of) {
  TableRow row = {.name = std::move(name)};
  for (const SourceFigures& source : sources) {
    row.cells.push_back(cell_of(source));
  }
  return row;
}

const SourceFigures* Find(const ThresholdFigures& figures,
                          const std::string& source, Label label) {
  for (const SourceFigures& s : figures.sources) {
    if (s.source == source && s.label == label) return &s;
  }
  return nullptr;
}

}  // namespace

std::string RateText(std::optional<double> rate) {
  return rate.has_value() ? absl::StrFormat("%.3f", *rate) : "n/a";
}

std::string ThresholdText(double threshold) {
  return absl::StrFormat("%.6g", threshold);
}

TableLayout LayOutTable(const ThresholdFigures& figures) {
  const std::vector<SourceFigures>& sources = figures.sources;
  TableLayout table = {.corner = "predicted"};
  for (const SourceFigures& source : sources) {
    table.columns.push_back(
        absl::StrCat(source.source, " (", LabelName(source.label), ")"));
  }
  for (const auto& [name, cell_of] : AlwaysShown()) {
    table.rows.push_back(RowOf(name, sources, cell_of));
  }
  const auto any = [&](auto predicate) {
    return std::any_of(sources.begin(), sources.end(), predicate);
  };
  if (any([](const SourceFigures& s) { return s.unscored > 0; })) {
    table.rows.push_back(
        RowOf("not decoded", sources,
              [](const SourceFigures& s) { return CountCell(s.unscored); }));
  }
  if (any([](const SourceFigures& s) { return !s.stand_in.empty(); })) {
    table.rows.push_back(
        RowOf("pictures are", sources, [](const SourceFigures& s) {
          return TableCell{.text = s.stand_in.empty() ? "real" : s.stand_in};
        }));
  }
  return table;
}

std::string TitleOf(const EvaluationReport& report) {
  const std::string kinds = StandInKinds(report);
  return absl::StrCat(
      "Extended confusion matrix: ", report.subject.checkpoint,
      report.subject.run.empty() ? ""
                                 : absl::StrCat(" of run ", report.subject.run),
      ", snapshot ", report.subject.snapshot, ", threshold ",
      ThresholdText(report.subject.threshold),
      kinds.empty() ? "" : absl::StrCat(" (", kinds, " pictures)"));
}

std::vector<std::string> SubjectLines(const EvaluationReport& report) {
  const ReportSubject& subject = report.subject;
  std::vector<std::string> lines;
  if (!subject.model.empty()) {
    lines.push_back(
        absl::StrCat("Model ", subject.model, ", step ", subject.step, "."));
  }
  lines.push_back(absl::StrCat("Snapshot ", subject.snapshot, " (",
                               subject.snapshot_name,
                               "): its test split and held-out sources."));
  if (subject.validation_loss.has_value()) {
    lines.push_back(
        absl::StrFormat("Validation loss %.4f", *subject.validation_loss));
    if (subject.validation_accuracy.has_value()) {
      lines.back() += absl::StrFormat(", accuracy %.3f at 0.5",
                                      *subject.validation_accuracy);
    }
    lines.back() += ".";
  }
  return lines;
}

std::string StandInSentence(const EvaluationReport& report) {
  std::vector<std::string> sources;
  for (const SourceFigures& source : report.figures.frozen.sources) {
    if (source.stand_in.empty()) continue;
    sources.push_back(absl::StrCat(source.source, " (", source.stand_in, ")"));
  }
  if (sources.empty()) return "";
  return absl::StrCat("These pictures only stand in for the sites: ",
                      absl::StrJoin(sources, ", "),
                      ". The figures hold for them and say nothing about the "
                      "sites.");
}

std::string FrozenHeading(const EvaluationReport& report) {
  const ReportSubject& subject = report.subject;
  return absl::StrCat("At threshold ", ThresholdText(subject.threshold), " (",
                      subject.threshold_origin, ")");
}

std::vector<std::string> OverallLines(const ThresholdFigures& figures) {
  const BinaryCounts& c = figures.binary;
  std::vector<std::string> lines = {absl::StrFormat(
      "All human and generated sources: TN %d, FP %d, FN %d, TP %d; balanced "
      "accuracy %s.",
      c.tn, c.fp, c.fn, c.tp, RateText(figures.balanced_accuracy))};
  if (const SourceFigures* worst =
          Find(figures, figures.worst_human, LABEL_HUMAN)) {
    lines.push_back(absl::StrFormat(
        "Worst human source: %s, %s called generated (95 %% interval up to "
        "%.3f).",
        worst->source, RateText(worst->rate_generated), worst->wilson->high));
  }
  if (const SourceFigures* worst =
          Find(figures, figures.worst_generated, LABEL_GENERATED)) {
    lines.push_back(absl::StrFormat(
        "Worst generated source: %s, %s found (95 %% interval from %.3f).",
        worst->source, RateText(worst->rate_generated), worst->wilson->low));
  }
  return lines;
}

std::vector<std::string> Legend(const EvaluationReport& report) {
  return {
      absl::StrCat("AUROC, all human and generated sources together: ",
                   RateText(report.figures.auroc), "."),
      "A cell is the share of a source's test pictures that were predicted to "
      "be of the row's class; the source's true class is in its head.",
      absl::StrCat("Rates of sources with fewer than ", kMinWorks,
                   " works are withheld (n/a)."),
      "The Wilson interval counts pictures as independent; the one by work "
      "draws whole works, and is n/a where all works agree.",
      "Exposure: same source = trained on it; same family = trained on "
      "another source of its generator's family; unseen = neither.",
      "A threshold frozen on validation keeps to its alpha there; on the test "
      "split a rate may lie above it."};
}

}  // namespace verso
