#include "evaluator/report_json.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json NumberOrNull(const std::optional<double>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

Json IntervalOrNull(const std::optional<Interval>& interval) {
  if (!interval.has_value()) return nullptr;
  return Json::array({interval->low, interval->high});
}

Json ToJson(const SourceFigures& s) {
  return {{"source", s.source},
          {"label", std::string(LabelName(s.label))},
          {"generator", s.generator},
          {"family", s.family},
          {"exposure", ExposureName(s.exposure)},
          {"stand_in", s.stand_in},
          {"n", s.n},
          {"n_works", s.n_works},
          {"predicted_human", s.predicted_human},
          {"predicted_generated", s.predicted_generated},
          {"unscored", s.unscored},
          {"rate_generated", NumberOrNull(s.rate_generated)},
          {"wilson", IntervalOrNull(s.wilson)},
          {"by_work", IntervalOrNull(s.by_work)}};
}

Json ToJson(const ThresholdFigures& f) {
  Json sources = Json::array();
  for (const SourceFigures& source : f.sources) {
    sources.push_back(ToJson(source));
  }
  return {{"threshold", f.threshold},
          {"sources", std::move(sources)},
          {"confusion_matrix",
           {{"tn", f.binary.tn},
            {"fp", f.binary.fp},
            {"fn", f.binary.fn},
            {"tp", f.binary.tp}}},
          {"balanced_accuracy", NumberOrNull(f.balanced_accuracy)},
          {"worst_human", f.worst_human},
          {"worst_generated", f.worst_generated}};
}

Json ToJson(const ReportSubject& s) {
  return {{"run", s.run},
          {"checkpoint", s.checkpoint},
          {"model", s.model},
          {"step", s.step},
          {"manifest_sha256", s.manifest_sha256},
          {"snapshot", s.snapshot},
          {"snapshot_name", s.snapshot_name},
          {"threshold", s.threshold},
          {"threshold_origin", s.threshold_origin},
          {"validation_loss", NumberOrNull(s.validation_loss)},
          {"validation_accuracy", NumberOrNull(s.validation_accuracy)}};
}

std::optional<double> OptionalNumber(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<double>();
}

std::optional<Interval> OptionalInterval(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Interval{.low = json.at(0), .high = json.at(1)};
}

// The readers below throw std::exception; ReportFromJson() catches it.
template <typename T>
T Known(const std::optional<T>& value) {
  return value.value();
}

SourceFigures SourceFrom(const Json& json) {
  return {.source = json.at("source"),
          .label = Known(LabelFromName(json.at("label").get<std::string>())),
          .generator = json.at("generator"),
          .family = json.at("family"),
          .exposure =
              Known(ExposureFromName(json.at("exposure").get<std::string>())),
          .stand_in = json.at("stand_in"),
          .n = json.at("n"),
          .n_works = json.at("n_works"),
          .predicted_human = json.at("predicted_human"),
          .predicted_generated = json.at("predicted_generated"),
          .unscored = json.at("unscored"),
          .rate_generated = OptionalNumber(json.at("rate_generated")),
          .wilson = OptionalInterval(json.at("wilson")),
          .by_work = OptionalInterval(json.at("by_work"))};
}

ThresholdFigures ThresholdFrom(const Json& json) {
  const Json& counts = json.at("confusion_matrix");
  ThresholdFigures figures = {
      .threshold = json.at("threshold"),
      .binary = {.tn = counts.at("tn"),
                 .fp = counts.at("fp"),
                 .fn = counts.at("fn"),
                 .tp = counts.at("tp")},
      .balanced_accuracy = OptionalNumber(json.at("balanced_accuracy")),
      .worst_human = json.at("worst_human"),
      .worst_generated = json.at("worst_generated")};
  for (const Json& source : json.at("sources")) {
    figures.sources.push_back(SourceFrom(source));
  }
  return figures;
}

ReportSubject SubjectFrom(const Json& json) {
  return {
      .run = json.at("run"),
      .checkpoint = json.at("checkpoint"),
      .model = json.at("model"),
      .step = json.at("step"),
      .manifest_sha256 = json.at("manifest_sha256"),
      .snapshot = json.at("snapshot"),
      .snapshot_name = json.at("snapshot_name"),
      .threshold = json.at("threshold"),
      .threshold_origin = json.at("threshold_origin"),
      .validation_loss = OptionalNumber(json.at("validation_loss")),
      .validation_accuracy = OptionalNumber(json.at("validation_accuracy"))};
}

}  // namespace

std::string ReportToJson(const EvaluationReport& report) {
  const Json json = {{"version", kVersion},
                     {"subject", ToJson(report.subject)},
                     {"stand_in", StandInKinds(report)},
                     {"min_works", kMinWorks},
                     {"auroc", NumberOrNull(report.figures.auroc)},
                     {"frozen", ToJson(report.figures.frozen)},
                     {"half", ToJson(report.figures.half)}};
  // Names come from outside and need not be UTF-8: dump() must not throw.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<EvaluationReport> ReportFromJson(absl::string_view json,
                                                absl::string_view name) {
  try {
    const Json parsed = Json::parse(json.begin(), json.end());
    if (const int version = parsed.at("version"); version != kVersion) {
      return absl::DataLossError(absl::StrCat(name, " is of version ", version,
                                              ", this program reads ", kVersion,
                                              "; use a newer one"));
    }
    EvaluationReport report;
    report.subject = SubjectFrom(parsed.at("subject"));
    report.figures = {.frozen = ThresholdFrom(parsed.at("frozen")),
                      .half = ThresholdFrom(parsed.at("half")),
                      .auroc = OptionalNumber(parsed.at("auroc"))};
    return report;
  } catch (const std::exception& e) {
    return absl::DataLossError(
        absl::StrCat(name, " is not a report: ", e.what()));
  }
}

}  // namespace verso
