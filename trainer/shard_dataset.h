#ifndef VERSO_TRAINER_SHARD_DATASET_H_
#define VERSO_TRAINER_SHARD_DATASET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bounded_queue.h"
#include "shardstore/sample_stream.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// One rank's part of one step, decoded.
struct TensorBatch {
  uint64_t step = 0;   // From 0 over all epochs.
  uint64_t epoch = 0;  // From 0.
  int64_t global_batch = 0;
  uint64_t next_cursor = 0;
  // [n, 3, image_size, image_size], uint8, on the CPU; n may be 0 in validation
  // (fewer samples than ranks).
  at::Tensor pixels;
  at::Tensor targets;             // [n], float32: 1 = generated, 0 = human.
  std::vector<uint64_t> indices;  // [n], rows of the snapshot's sample table.
  // [n], for ApplyTransforms(): TrainingKey() in training, else NoiseKey() of
  // draw 0.
  std::vector<uint64_t> noise_keys;
};

struct ShardDatasetOptions {
  TransformOptions transforms;
  // In training: keys of crop and noise are by (seed, epoch, sample). nullopt:
  // centre crops, and noise by sample alone.
  std::optional<uint64_t> training_seed;
  int decode_threads = 1;
  int prefetch_steps = 3;  // Decoded or being decoded at any time.
};

// Decodes a stream of samples in the background. Not thread-safe.
class ShardDataset {
 public:
  // Reads `stream` and decodes in threads of its own from now on.
  ShardDataset(std::unique_ptr<SampleStream> stream,
               ShardDatasetOptions options);

  // Cancels what is under way.
  ~ShardDataset();

  // The next step, in order; nullopt after the last one.
  // Fails as SampleStream::Next() and DecodeForNetwork() do; kInvalidArgument:
  // a sample without a label that can be trained on.
  absl::StatusOr<std::optional<TensorBatch>> Next();

  // Time spent inside Next() so far, waiting for data.
  absl::Duration waited() const { return waited_; }

 private:
  struct Slot;
  struct Task {
    std::shared_ptr<Slot> slot;
    size_t sample = 0;
  };

  void ReadLoop();
  void DecodeLoop();
  bool Offer(SampleBatch batch);
  absl::Status Decode(Slot& slot, size_t sample) const;

  const std::unique_ptr<SampleStream> stream_;  // Read by ReadLoop() alone.
  const ShardDatasetOptions options_;
  absl::Duration waited_ = absl::ZeroDuration();
  BoundedQueue<std::shared_ptr<Slot>> slots_;  // In the stream's order.
  BoundedQueue<Task> tasks_;
  std::vector<std::thread> threads_;
};

}  // namespace verso

#endif  // VERSO_TRAINER_SHARD_DATASET_H_
