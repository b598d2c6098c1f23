#ifndef VERSO_SHARDSTORE_LOCAL_SAMPLE_STREAM_H_
#define VERSO_SHARDSTORE_LOCAL_SAMPLE_STREAM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "shardstore/batch_plan.h"
#include "shardstore/sample_stream.h"
#include "shardstore/snapshot_reader.h"

namespace verso {

// Streams samples of a snapshot's folder. What it holds does not depend on the
// number of samples. Thread use as SampleStream.
class LocalSampleStream : public SampleStream {
 public:
  // kInvalidArgument: an option is out of range (named). `options.snapshot` is
  // not looked at.
  static absl::StatusOr<std::unique_ptr<SampleStream>> Create(
      std::shared_ptr<const SnapshotReader> snapshot,
      const SampleStreamOptions& options);

  absl::StatusOr<std::optional<SampleBatch>> Next() override;
  void Cancel() override { cancelled_ = true; }

 private:
  LocalSampleStream(std::shared_ptr<const SnapshotReader> snapshot,
                    const SampleStreamOptions& options, const BatchPlan& plan);
  uint64_t RowAt(uint64_t epoch, uint64_t position) const;

  const std::shared_ptr<const SnapshotReader> snapshot_;
  const SampleStreamOptions options_;
  const BatchPlan plan_;
  const RowRange rows_;
  uint64_t cursor_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_LOCAL_SAMPLE_STREAM_H_
