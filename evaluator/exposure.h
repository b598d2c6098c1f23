#ifndef VERSO_EVALUATOR_EXPOSURE_H_
#define VERSO_EVALUATOR_EXPOSURE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "evaluator/names.h"
#include "evaluator/scores_csv.h"
#include "shardstore/sample_table.h"

namespace verso {

// What lies in the train split of a snapshot. Thread-compatible.
class TrainedOn {
 public:
  // Only rows with a label that is trained on (human, generated) count.
  explicit TrainedOn(const std::vector<SampleRow>& samples);

  // kSameSource: the train split has samples of this source. kSameFamily: it
  // has generated samples of this (non-empty) family, and `label` is
  // generated. Else kUnseen, so a human source not trained on is unseen.
  Exposure ExposureOf(absl::string_view source, Label label,
                      absl::string_view family) const;

 private:
  std::set<std::string> sources_;
  std::set<std::string> families_;
};

// A row of scores.csv without its score: what the sample table knows.
// `trained_on` is made from the same table.
ScoreRow ScoreRowOf(const SampleRow& sample, const TrainedOn& trained_on);

}  // namespace verso

#endif  // VERSO_EVALUATOR_EXPOSURE_H_
