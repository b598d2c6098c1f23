#include "trainer/shard_dataset.h"

#include <utility>

#include "ATen/ops/empty.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "trainer/transforms.h"

namespace verso {
namespace {

absl::StatusOr<float> TargetOf(const Sample& sample) {
  switch (sample.label) {
    case LABEL_HUMAN:
      return 0.0f;
    case LABEL_GENERATED:
      return 1.0f;
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "sample ", sample.sample_id, " of source ", sample.source,
          " is labelled neither human nor generated: it cannot be learned "
          "from; make the snapshot again"));
  }
}

}  // namespace

// A step on its way: filled by the decoders, taken when `left` is 0.
struct ShardDataset::Slot {
  std::vector<Sample> samples;
  TensorBatch batch;
  absl::Mutex mu;
  size_t left ABSL_GUARDED_BY(mu) = 0;  // Samples still to be decoded.
  absl::Status status ABSL_GUARDED_BY(mu);
};

ShardDataset::ShardDataset(std::unique_ptr<SampleStream> stream,
                           ShardDatasetOptions options)
    : stream_(std::move(stream)),
      options_(std::move(options)),
      slots_(static_cast<size_t>(options_.prefetch_steps)),
      tasks_(static_cast<size_t>(4 * options_.decode_threads)) {
  threads_.emplace_back([this] { ReadLoop(); });
  for (int i = 0; i < options_.decode_threads; ++i) {
    threads_.emplace_back([this] { DecodeLoop(); });
  }
}

ShardDataset::~ShardDataset() {
  stream_->Cancel();
  slots_.Close();
  tasks_.Close();
  for (std::thread& thread : threads_) thread.join();
}

absl::StatusOr<std::optional<TensorBatch>> ShardDataset::Next() {
  const absl::Time start = absl::Now();
  std::optional<std::shared_ptr<Slot>> slot = slots_.Pop();
  if (!slot) {
    waited_ += absl::Now() - start;
    return std::nullopt;
  }
  absl::MutexLock lock(&(*slot)->mu);
  (*slot)->mu.Await(absl::Condition(
      +[](size_t* left) { return *left == 0; }, &(*slot)->left));
  waited_ += absl::Now() - start;
  RETURN_IF_ERROR((*slot)->status);
  return std::move((*slot)->batch);
}

void ShardDataset::ReadLoop() {
  while (true) {
    absl::StatusOr<std::optional<SampleBatch>> step = stream_->Next();
    if (!step.ok()) {
      auto slot = std::make_shared<Slot>();
      {
        absl::MutexLock lock(&slot->mu);
        slot->status = step.status();
      }
      slots_.Push(std::move(slot));
    }
    if (!step.ok() || !*step || !Offer(**std::move(step))) break;
  }
  slots_.Close();
  tasks_.Close();
}

// Hands a step to the decoders; false when nobody wants it any more.
bool ShardDataset::Offer(SampleBatch batch) {
  auto slot = std::make_shared<Slot>();
  const size_t n = batch.samples.size();
  const auto count = static_cast<int64_t>(n);
  const int64_t side = options_.transforms.image_size;
  slot->samples = std::move(batch.samples);
  slot->batch.step = batch.step;
  slot->batch.epoch = batch.epoch;
  slot->batch.global_batch = batch.global_batch;
  slot->batch.next_cursor = batch.next_cursor;
  slot->batch.pixels = at::empty({count, 3, side, side}, at::kByte);
  slot->batch.targets = at::empty({count}, at::kFloat);
  slot->batch.indices.resize(n);
  slot->batch.noise_keys.resize(n);
  {
    absl::MutexLock lock(&slot->mu);
    slot->left = n;
  }
  if (!slots_.Push(slot)) return false;
  for (size_t i = 0; i < n; ++i) {
    if (!tasks_.Push({slot, i})) return false;
  }
  return true;
}

void ShardDataset::DecodeLoop() {
  while (std::optional<Task> task = tasks_.Pop()) {
    Slot& slot = *task->slot;
    const absl::Status status = Decode(slot, task->sample);
    absl::MutexLock lock(&slot.mu);
    slot.status.Update(status);
    --slot.left;
  }
}

absl::Status ShardDataset::Decode(Slot& slot, size_t i) const {
  Sample& sample = slot.samples[i];
  TensorBatch& batch = slot.batch;
  ASSIGN_OR_RETURN(const float target, TargetOf(sample));
  std::optional<uint64_t> crop_key;
  if (options_.training_seed) {
    crop_key = TrainingKey(*options_.training_seed, batch.epoch, sample.index);
  }
  const absl::StatusOr<at::Tensor> pixels =
      DecodeForNetwork(sample.image, options_.transforms, crop_key);
  if (!pixels.ok()) {
    return absl::Status(
        pixels.status().code(),
        absl::StrCat("sample ", sample.sample_id, " of source ", sample.source,
                     " cannot be decoded: ", pixels.status().message()));
  }
  const auto row = static_cast<int64_t>(i);
  batch.pixels.select(0, row).copy_(*pixels);
  batch.targets.data_ptr<float>()[row] = target;
  batch.indices[i] = sample.index;
  batch.noise_keys[i] = crop_key.value_or(NoiseKey(sample.sample_id, 0));
  sample.image.clear();
  return absl::OkStatus();
}

}  // namespace verso
