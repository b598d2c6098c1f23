#include "shardstore/batch_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

constexpr uint64_t kMaxPositions = uint64_t{1} << 62;

uint64_t StepsPerEpoch(uint64_t samples, uint64_t global_batch,
                       uint64_t world_size) {
  const uint64_t whole = samples / global_batch;
  const uint64_t rest = samples % global_batch;
  if (rest == 0) return whole;
  return rest < world_size && whole > 0 ? whole : whole + 1;
}

}  // namespace

BatchPlan::BatchPlan(uint64_t samples, uint64_t global_batch,
                     uint64_t world_size, uint64_t epochs)
    : samples_(samples),
      global_batch_(global_batch),
      world_size_(world_size),
      epochs_(epochs),
      steps_per_epoch_(StepsPerEpoch(samples, global_batch, world_size)) {}

absl::StatusOr<BatchPlan> BatchPlan::Create(uint64_t samples,
                                            int64_t global_batch,
                                            int world_size, int64_t epochs) {
  if (world_size < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("world_size must be at least 1, is ", world_size));
  }
  if (global_batch < world_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("global_batch must be at least world_size (", world_size,
                     "), is ", global_batch));
  }
  if (epochs < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("epochs must not be negative, is ", epochs));
  }
  const uint64_t turns = std::max<uint64_t>(epochs, 1);
  if (samples > kMaxPositions / turns) {
    return absl::InvalidArgumentError(
        absl::StrCat(epochs, " epochs of ", samples,
                     " samples are more positions than can be counted"));
  }
  return BatchPlan(samples, global_batch, world_size, epochs);
}

absl::StatusOr<std::optional<BatchStep>> BatchPlan::StepAt(
    uint64_t cursor) const {
  if (samples_ == 0) return std::nullopt;
  BatchStep step;
  step.epoch = cursor / samples_;
  if (epochs_ > 0 && cursor == epochs_ * samples_) return std::nullopt;
  step.begin = cursor % samples_;
  const bool past_end = epochs_ > 0 && step.epoch >= epochs_;
  if (past_end || step.begin % global_batch_ != 0 || cursor > kMaxPositions) {
    return absl::InvalidArgumentError(
        absl::StrCat("cursor ", cursor,
                     " is not the beginning of a step: it is kept from "
                     "another data set, batch size or number of epochs"));
  }
  const uint64_t in_epoch =
      std::min(step.begin / global_batch_, steps_per_epoch_ - 1);
  step.end =
      in_epoch + 1 == steps_per_epoch_ ? samples_ : step.begin + global_batch_;
  step.step = step.epoch * steps_per_epoch_ + in_epoch;
  step.next_cursor = step.epoch * samples_ + step.end;
  return step;
}

std::pair<uint64_t, uint64_t> BatchPlan::SliceOf(const BatchStep& step,
                                                 int rank) const {
  const uint64_t b = step.size();
  return {step.begin + rank * b / world_size_,
          step.begin + (rank + 1) * b / world_size_};
}

}  // namespace verso
