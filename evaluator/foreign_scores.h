#ifndef VERSO_EVALUATOR_FOREIGN_SCORES_H_
#define VERSO_EVALUATOR_FOREIGN_SCORES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "evaluator/report.h"
#include "shardstore/shard_store.h"

namespace verso {

// Somebody else's detector, judged on a snapshot's test split.
struct ForeignOptions {
  std::string name;        // Shown in place of a checkpoint.
  std::string snapshot;    // As for ShardStore::GetSnapshot().
  double threshold = 0.5;  // Of probability; chosen without the test split.
};

// `csv` has a header line with sample_id and either logit or probability (of
// "generated"); a row per picture of the test split, in any order, and possibly
// of others, which are left out. The rest is joined from the sample table.
// Exposure is unknown: nobody says what the detector was trained on.
// kInvalidArgument: neither or both of the columns, a score that is none (the
//   line is named), an unknown or repeated id, or a picture without a score.
absl::StatusOr<EvaluationReport> EvaluateForeignScores(
    absl::string_view csv, ShardStore& store, const ForeignOptions& options);

}  // namespace verso

#endif  // VERSO_EVALUATOR_FOREIGN_SCORES_H_
