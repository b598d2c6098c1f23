#ifndef VERSO_EVALUATOR_SCORED_SAMPLE_H_
#define VERSO_EVALUATOR_SCORED_SAMPLE_H_

#include <optional>
#include <string>
#include <vector>

#include "evaluator/names.h"
#include "evaluator/scores_csv.h"

namespace verso {

// One picture with the mean of its draws.
struct ScoredSample {
  std::string sample_id;
  std::string source;
  std::string family;
  std::string generator;
  std::string work;  // Its own id where scores.csv has none.
  Label label = LABEL_UNKNOWN;
  Exposure exposure = Exposure::kUnseen;
  // Probability of "generated": the sigmoid of the mean logit. nullopt: no draw
  // has a score.
  std::optional<double> probability;
};

// The pictures as they are (degradation "none"), in the order of their first
// row.
std::vector<ScoredSample> MeanOverDraws(const std::vector<ScoreRow>& scores);

}  // namespace verso

#endif  // VERSO_EVALUATOR_SCORED_SAMPLE_H_
