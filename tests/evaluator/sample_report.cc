#include "tests/evaluator/sample_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace verso::testing {

void AddScores(const std::string& source, Label label, int n, int generated,
               EvaluationReport& report) {
  for (int i = 0; i < n; ++i) {
    ScoreRow row;
    row.sample_id = absl::StrCat(source, "-", i);
    row.source = source;
    row.label = label;
    row.split = SPLIT_TEST;
    row.exposure = Exposure::kSameSource;
    row.work = absl::StrCat(source, "-work-", i);
    row.logit = i < generated ? 2.0f : -2.0f;
    report.scores.push_back(row);
  }
}

EvaluationReport SampleReport(int64_t step, double validation_loss) {
  EvaluationReport report;
  report.subject.run = "quickstart";
  report.subject.checkpoint = absl::StrFormat("step-%010d", step);
  report.subject.model = "efficientnet_lite0";
  report.subject.step = step;
  report.subject.manifest_sha256 = absl::StrCat("hash-of-", step);
  report.subject.snapshot = "0123456789abcdef";
  report.subject.snapshot_name = "d4_fair";
  report.subject.threshold = 0.625;
  report.subject.threshold_origin = "frozen on validation, alpha 0.05";
  report.subject.validation_loss = validation_loss;
  report.subject.validation_accuracy = 0.9;
  AddScores("dalle", LABEL_GENERATED, 4, 3, report);
  AddScores("lofi", LABEL_GENERATED, 10, 9, report);
  AddScores("wga", LABEL_HUMAN, 10, 1, report);
  AddScores("artbench", LABEL_HUMAN, 20, 0, report);
  for (int i = 0; i < 4; ++i) {
    report.scores[i].exposure = Exposure::kUnseen;
    report.scores[i].family = "dall-e";
    report.scores[i].generator = "dall-e-2";
  }
  report.figures = ComputeFigures(report.scores, 0.625, {{"wga", "simulated"}});
  return report;
}

}  // namespace verso::testing
