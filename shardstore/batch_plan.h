#ifndef VERSO_SHARDSTORE_BATCH_PLAN_H_
#define VERSO_SHARDSTORE_BATCH_PLAN_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"

namespace verso {

// One global batch: positions [begin, end) of the order of `epoch`.
struct BatchStep {
  uint64_t step = 0;   // From 0 over all epochs.
  uint64_t epoch = 0;  // From 0.
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t next_cursor = 0;  // The cursor behind this step.

  uint64_t size() const { return end - begin; }
};

// How the positions of each epoch are cut into global batches and dealt to
// ranks. Pure arithmetic: see SampleStreamOptions for the rule. Every rank sees
// the same steps, and every position of an epoch comes exactly once.
//
// Global batches do not depend on the number of ranks, with one exception: a
// last batch too small to give each rank a sample joins the one before.
// Thread-safe.
class BatchPlan {
 public:
  // `samples`: of one epoch; 0 gives a plan without steps. `epochs`: 0 =
  // without end.
  // kInvalidArgument: world_size < 1, global_batch < world_size, epochs < 0,
  // or more positions than 2^62.
  static absl::StatusOr<BatchPlan> Create(uint64_t samples,
                                          int64_t global_batch, int world_size,
                                          int64_t epochs);

  uint64_t steps_per_epoch() const { return steps_per_epoch_; }

  // The step that begins at `cursor`, a count of samples over all epochs;
  // nullopt behind the last one. A cursor of a plan with another number of
  // ranks is good too: a joined last batch may then begin in its middle.
  // kInvalidArgument: no step begins there.
  absl::StatusOr<std::optional<BatchStep>> StepAt(uint64_t cursor) const;

  // Positions [first, second) of `step` that `rank`, in [0, world_size), gets:
  // [r*b/W, (r+1)*b/W) of its b positions. Empty only when b < W: an epoch of
  // fewer samples than ranks, or a joined batch begun in its middle.
  std::pair<uint64_t, uint64_t> SliceOf(const BatchStep& step, int rank) const;

 private:
  BatchPlan(uint64_t samples, uint64_t global_batch, uint64_t world_size,
            uint64_t epochs);

  uint64_t samples_;
  uint64_t global_batch_;
  uint64_t world_size_;
  uint64_t epochs_;
  uint64_t steps_per_epoch_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_BATCH_PLAN_H_
