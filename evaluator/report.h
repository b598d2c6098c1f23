#ifndef VERSO_EVALUATOR_REPORT_H_
#define VERSO_EVALUATOR_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "evaluator/figures.h"
#include "evaluator/scores_csv.h"

namespace verso {

// What was judged, and how its threshold came about. Nothing here depends on
// when or where the report was made: the same checkpoint gives the same bytes.
struct ReportSubject {
  std::string run;
  std::string checkpoint;  // "step-0000000120", or a foreign detector's name.
  std::string model;
  int64_t step = 0;
  // Of manifest.json, which holds the hash of every other file; of the scores
  // for a foreign detector.
  std::string manifest_sha256;
  std::string snapshot;       // Id.
  std::string snapshot_name;  // The recipe's.
  double threshold = 0.5;
  std::string threshold_origin;  // "frozen on validation, alpha 0.05".
  // Of the checkpoint's manifest; nullopt for a foreign detector.
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;
};

struct EvaluationReport {
  ReportSubject subject;
  Figures figures;
  // scores.csv. Empty in a report that was read back from report.json.
  std::vector<ScoreRow> scores;
};

// "simulated", "stand-in, partly simulated", ...: every kind of picture in the
// report that is not from the real site; empty when all are.
std::string StandInKinds(const EvaluationReport& report);

// Pictures that could not be decoded, over all sources.
int64_t UnscoredIn(const EvaluationReport& report);

}  // namespace verso

#endif  // VERSO_EVALUATOR_REPORT_H_
