#ifndef VERSO_EVALUATOR_SCORES_CSV_H_
#define VERSO_EVALUATOR_SCORES_CSV_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "evaluator/names.h"
#include "proto/dataset.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// One score of one picture: a row of scores.csv, from which every figure is
// derived.
struct ScoreRow {
  std::string sample_id;
  std::string source;
  std::string collection;
  std::string family;     // The generator's; empty for human.
  std::string generator;  // The generator's name; empty for human.
  Label label = LABEL_UNKNOWN;
  Exposure exposure = Exposure::kUnseen;
  Split split = SPLIT_UNSPECIFIED;
  std::string work;
  std::string degradation = "none";  // What was done to the picture first.
  int draw = 0;                      // Which noise draw, from 0.
  std::optional<float> logit;  // Log odds of "generated"; nullopt: the picture
                               // could not be decoded.

  friend bool operator==(const ScoreRow&, const ScoreRow&) = default;
};

// RFC 4180 with a header line; ScoreRow's fields by their names, in order.
// Numbers read back as they were.
std::string ScoresToCsv(const std::vector<ScoreRow>& rows);

// kDataLoss: not such a CSV; the line is named. Unknown columns are ignored.
absl::StatusOr<std::vector<ScoreRow>> ScoresFromCsv(absl::string_view csv);

}  // namespace verso

#endif  // VERSO_EVALUATOR_SCORES_CSV_H_
