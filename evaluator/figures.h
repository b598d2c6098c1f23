#ifndef VERSO_EVALUATOR_FIGURES_H_
#define VERSO_EVALUATOR_FIGURES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evaluator/confusion_matrix.h"
#include "evaluator/intervals.h"
#include "evaluator/names.h"
#include "evaluator/scores_csv.h"
#include "shardstore/sample_table.h"

namespace verso {

// Rates of a source with fewer works are withheld: its counts are shown alone.
inline constexpr int64_t kMinWorks = 5;

// One source at one threshold: a column of the paper's figure 5.
struct SourceFigures {
  std::string source;
  Label label = LABEL_UNKNOWN;
  std::string generator;  // Several are joined by "; ".
  std::string family;     // Likewise.
  Exposure exposure = Exposure::kUnseen;
  std::string stand_in;  // See StandInsOf().
  int64_t n = 0;         // Scored pictures = the two counts below.
  int64_t n_works = 0;
  int64_t predicted_human = 0;
  int64_t predicted_generated = 0;
  int64_t unscored = 0;  // Pictures that could not be decoded.
  // Share predicted generated: the false-positive rate of a human source, the
  // recall of a generated one. nullopt: withheld.
  std::optional<double> rate_generated;
  std::optional<Interval> wilson;   // Of rate_generated.
  std::optional<Interval> by_work;  // Of rate_generated, bootstrap by work.
};

// All sources at one threshold.
struct ThresholdFigures {
  double threshold = 0.5;
  std::vector<SourceFigures> sources;  // As ConfusionMatrix::Columns().
  BinaryCounts binary;
  // Mean of specificity and recall; nullopt: a class has too few works.
  std::optional<double> balanced_accuracy;
  // The human source most often called generated and the generated source
  // least often found; empty: none has a rate. Never averaged away.
  std::string worst_human;
  std::string worst_generated;
};

// Everything that is derived from scores.csv.
struct Figures {
  ThresholdFigures frozen;  // At the threshold chosen on validation.
  ThresholdFigures half;    // At 0.5.
  // Probability that a generated picture scores above a human one, ties half
  // (Mann-Whitney), all sources together; nullopt: a class has too few works.
  std::optional<double> auroc;
};

// How much of each source of `samples` stands in for the real site:
// "simulated", "stand-in", "partly simulated"; no entry for a real source.
std::map<std::string, std::string> StandInsOf(
    const std::vector<SampleRow>& samples);

// Pure: the same scores give the same figures.
Figures ComputeFigures(const std::vector<ScoreRow>& scores, double threshold,
                       const std::map<std::string, std::string>& stand_ins);

}  // namespace verso

#endif  // VERSO_EVALUATOR_FIGURES_H_
