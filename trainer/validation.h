#ifndef VERSO_TRAINER_VALIDATION_H_
#define VERSO_TRAINER_VALIDATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_store.h"
#include "trainer/network.h"
#include "trainer/process_group.h"
#include "trainer/shard_dataset.h"
#include "trainer/threshold.h"

namespace verso {

struct ValidationOptions {
  std::string snapshot;  // Id.
  int64_t global_batch = 128;
  TransformOptions transforms;
  double alpha = 0.05;
  int decode_threads = 1;
};

struct ValidationResult {
  double loss = 0;      // Mean log loss over all samples.
  double accuracy = 0;  // At 0.5.
  int64_t samples = 0;
  Threshold threshold;
};

// The score of one sample; gathered on rank 0.
struct SampleScore {
  uint64_t index = 0;  // Row of the snapshot's sample table.
  float logit = 0;
};

// Scores the validation split, split over the ranks without padding: each
// sample exactly once, whatever the number of ranks. Leaves `network` in
// training mode. A collective (see ProcessGroup); rank 0 gets all scores by
// index, the others none.
// kCancelled: a rank was asked to stop; all ranks get this, and none a score.
// Else fails as the stream does.
absl::StatusOr<std::vector<SampleScore>> ScoreValidation(
    const ValidationOptions& options, ShardStore& store, ProcessGroup& group,
    Network& network);

// What the scores say. `table`: the snapshot's. Summed in the order of the
// samples, so that it does not depend on the number of ranks.
// kInternal: a validation sample is missing, or came twice.
// kFailedPrecondition: no human sample, hence no threshold.
absl::StatusOr<ValidationResult> JudgeValidation(
    const std::vector<SampleScore>& scores, const std::vector<SampleRow>& table,
    double alpha);

}  // namespace verso

#endif  // VERSO_TRAINER_VALIDATION_H_
