#include "trainer/threshold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/wilson.h"

namespace verso {
namespace {

using Probabilities = std::map<std::string, std::vector<double>>;

// How many of `samples` may be called generated. The product is rounded first:
// 0.05 * 60 is a little below 3 in binary.
size_t Allowed(size_t samples, double alpha) {
  size_t allowed = static_cast<size_t>(alpha * samples);
  if (static_cast<double>(allowed + 1) / samples <= alpha) ++allowed;
  return allowed;
}

// `probabilities`: of one source, from the largest.
double SmallestFor(const std::vector<double>& probabilities, double alpha) {
  const size_t allowed = Allowed(probabilities.size(), alpha);
  if (allowed >= probabilities.size()) return 0;
  // Everything above the first one that must not be called generated.
  return std::nextafter(probabilities[allowed],
                        std::numeric_limits<double>::infinity());
}

SourceRate RateAt(const std::vector<double>& probabilities, double threshold) {
  const int64_t called =
      std::count_if(probabilities.begin(), probabilities.end(),
                    [&](double p) { return p >= threshold; });
  const int64_t samples = static_cast<int64_t>(probabilities.size());
  return {samples, static_cast<double>(called) / samples,
          WilsonInterval(called, samples).high};
}

}  // namespace

double ProbabilityOf(float logit) {
  return 1.0 / (1.0 + std::exp(-static_cast<double>(logit)));
}

absl::StatusOr<Threshold> ChooseThreshold(const std::vector<HumanScore>& scores,
                                          double alpha) {
  if (!(alpha >= 0 && alpha < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("alpha is ", alpha, "; it must be in [0, 1)"));
  }
  if (scores.empty()) {
    return absl::FailedPreconditionError(
        "validation holds no picture by a human, so that no threshold can be "
        "chosen; make a snapshot with human sources in it");
  }
  Probabilities by_source;
  for (const HumanScore& score : scores) {
    if (!std::isfinite(score.logit)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a logit of source ", score.source, " is not a finite number"));
    }
    by_source[score.source].push_back(ProbabilityOf(score.logit));
  }
  Threshold chosen;
  chosen.probability = 0;
  for (auto& [source, probabilities] : by_source) {
    std::sort(probabilities.begin(), probabilities.end(),
              std::greater<double>());
    chosen.probability =
        std::max(chosen.probability, SmallestFor(probabilities, alpha));
  }
  for (const auto& [source, probabilities] : by_source) {
    chosen.human_rates[source] = RateAt(probabilities, chosen.probability);
  }
  return chosen;
}

}  // namespace verso
