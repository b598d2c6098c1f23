#include "evaluator/auroc.h"

#include <algorithm>
#include <cstddef>

#include "common/base/check.h"

namespace verso {

double Auroc(std::vector<double> negatives, std::vector<double> positives) {
  VERSO_CHECK(!negatives.empty() && !positives.empty());
  std::sort(negatives.begin(), negatives.end());
  std::sort(positives.begin(), positives.end());
  // For each positive, how many negatives lie below it and beside it.
  size_t below = 0;
  size_t not_above = 0;
  double wins = 0;
  for (const double positive : positives) {
    while (below < negatives.size() && negatives[below] < positive) ++below;
    while (not_above < negatives.size() && negatives[not_above] <= positive) {
      ++not_above;
    }
    wins += (static_cast<double>(below) + static_cast<double>(not_above)) / 2;
  }
  return wins / (static_cast<double>(negatives.size()) *
                 static_cast<double>(positives.size()));
}

}  // namespace verso
