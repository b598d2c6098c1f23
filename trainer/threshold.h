#ifndef VERSO_TRAINER_THRESHOLD_H_
#define VERSO_TRAINER_THRESHOLD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// One picture by a human, scored.
struct HumanScore {
  std::string source;
  float logit = 0;  // Log odds of "generated".
};

struct Threshold {
  // A picture is called generated when ProbabilityOf(logit) >= probability. It
  // may lie just above 1: then nothing is called so.
  double probability = 0.5;
  std::map<std::string, SourceRate> human_rates;  // At it, by source.
};

// 1 / (1 + exp(-logit)), in double: what a threshold is compared with.
double ProbabilityOf(float logit);

// The smallest probability at which no source of `scores` (the human pictures
// of validation, and of nothing else) is called generated more often than
// `alpha`.
// kInvalidArgument: alpha is not in [0, 1), or a logit is not finite.
// kFailedPrecondition: no scores, so that nothing can be chosen.
absl::StatusOr<Threshold> ChooseThreshold(const std::vector<HumanScore>& scores,
                                          double alpha);

}  // namespace verso

#endif  // VERSO_TRAINER_THRESHOLD_H_
