#include "shardstore/local_sample_stream.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/sample_order.h"

namespace verso {
namespace {

absl::Status CheckOptions(const SampleStreamOptions& options) {
  if (options.split != SPLIT_TRAIN && options.split != SPLIT_VALIDATION &&
      options.split != SPLIT_TEST) {
    return absl::InvalidArgumentError(
        "split must be train, validation or test");
  }
  if (options.shuffle && options.split != SPLIT_TRAIN) {
    return absl::InvalidArgumentError(
        "validation and test are never shuffled: shuffle must be false");
  }
  if (options.rank < 0 || options.rank >= options.world_size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "rank must be in [0, ", options.world_size, "), is ", options.rank));
  }
  return absl::OkStatus();
}

}  // namespace

LocalSampleStream::LocalSampleStream(
    std::shared_ptr<const SnapshotReader> snapshot,
    const SampleStreamOptions& options, const BatchPlan& plan)
    : snapshot_(std::move(snapshot)),
      options_(options),
      plan_(plan),
      rows_(snapshot_->RowsOf(options.split)),
      cursor_(options.cursor) {}

absl::StatusOr<std::unique_ptr<SampleStream>> LocalSampleStream::Create(
    std::shared_ptr<const SnapshotReader> snapshot,
    const SampleStreamOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const BatchPlan plan,
                   BatchPlan::Create(snapshot->RowsOf(options.split).size(),
                                     options.global_batch, options.world_size,
                                     options.epochs));
  RETURN_IF_ERROR(plan.StepAt(options.cursor).status());
  return std::unique_ptr<SampleStream>(
      new LocalSampleStream(std::move(snapshot), options, plan));
}

uint64_t LocalSampleStream::RowAt(uint64_t epoch, uint64_t position) const {
  if (!options_.shuffle) return rows_.begin + position;
  return rows_.begin +
         SampleOrder(rows_.size(), options_.seed, epoch).SampleAt(position);
}

absl::StatusOr<std::optional<SampleBatch>> LocalSampleStream::Next() {
  ASSIGN_OR_RETURN(const std::optional<BatchStep> step, plan_.StepAt(cursor_));
  if (cancelled_) return absl::CancelledError("the sample stream is cancelled");
  if (!step.has_value()) return std::nullopt;
  SampleBatch batch;
  batch.step = step->step;
  batch.epoch = step->epoch;
  batch.global_batch = static_cast<int64_t>(step->size());
  batch.next_cursor = step->next_cursor;
  const auto [begin, end] = plan_.SliceOf(*step, options_.rank);
  batch.samples.reserve(end - begin);
  for (uint64_t position = begin; position < end; ++position) {
    if (cancelled_) {
      return absl::CancelledError("the sample stream is cancelled");
    }
    ASSIGN_OR_RETURN(Sample sample,
                     snapshot_->Read(RowAt(step->epoch, position)));
    sample.position = step->epoch * rows_.size() + position;
    batch.samples.push_back(std::move(sample));
  }
  cursor_ = step->next_cursor;
  return batch;
}

}  // namespace verso
