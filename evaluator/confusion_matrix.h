#ifndef VERSO_EVALUATOR_CONFUSION_MATRIX_H_
#define VERSO_EVALUATOR_CONFUSION_MATRIX_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "evaluator/intervals.h"
#include "evaluator/names.h"
#include "evaluator/scored_sample.h"

namespace verso {

// One column of the extended confusion matrix: what was predicted for the
// pictures of one source that have one label.
struct ConfusionColumn {
  std::string source;
  Label label = LABEL_UNKNOWN;
  std::set<std::string> families;
  std::set<std::string> generators;
  Exposure exposure = Exposure::kUnknown;  // The most exposed of its samples'.
  int64_t predicted_human = 0;
  int64_t predicted_generated = 0;
  int64_t unscored = 0;  // Could not be decoded; counted nowhere else.
  // By work; hits = predicted generated. Scored samples only.
  std::map<std::string, WorkCount> works;

  int64_t n() const { return predicted_human + predicted_generated; }
};

// The usual 2x2 of human and generated sources together; scikit-learn's
// confusion_matrix with labels [human, generated] is {{tn, fp}, {fn, tp}}.
struct BinaryCounts {
  int64_t tn = 0;  // Human, predicted human.
  int64_t fp = 0;  // Human, predicted generated.
  int64_t fn = 0;  // Generated, predicted human.
  int64_t tp = 0;  // Generated, predicted generated.

  friend bool operator==(const BinaryCounts&, const BinaryCounts&) = default;
};

// The paper's figure 5 as counts: predicted class by source, at one threshold.
// Thread-compatible.
class ConfusionMatrix {
 public:
  // A sample at and above `threshold` is predicted generated.
  explicit ConfusionMatrix(double threshold) : threshold_(threshold) {}

  void Add(const ScoredSample& sample);

  // In the paper's order: human (artbench, wga, others by name), generated
  // (lofi, lexica, dalle, others by name), then mixed and unknown.
  std::vector<ConfusionColumn> Columns() const;

  // Mixed and unknown sources do not count.
  BinaryCounts Binary() const;

 private:
  double threshold_;
  std::map<std::pair<Label, std::string>, ConfusionColumn> columns_;
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_CONFUSION_MATRIX_H_
