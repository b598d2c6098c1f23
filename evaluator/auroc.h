#ifndef VERSO_EVALUATOR_AUROC_H_
#define VERSO_EVALUATOR_AUROC_H_

#include <vector>

namespace verso {

// The area under the ROC curve: the probability that a positive scores above a
// negative, ties half, by rank sums (J. A. Hanley and B. J. McNeil, Radiology
// 143 (1982), 29-36). O(n log n). REQUIRES: neither is empty.
double Auroc(std::vector<double> negatives, std::vector<double> positives);

}  // namespace verso

#endif  // VERSO_EVALUATOR_AUROC_H_
