#include "trainer/validation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ATen/ops/empty.h"
#include "ATen/ops/full.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "trainer/transforms.h"

namespace verso {
namespace {

// log(1 + exp(-z)) of the right answer's logit, without overflow.
double LogLoss(double logit, bool generated) {
  const double z = generated ? logit : -logit;
  return std::max(0.0, -z) + std::log1p(std::exp(-std::abs(z)));
}

void ScoreBatch(const TensorBatch& batch, const TransformOptions& transforms,
                c10::Device device, Network& network,
                std::vector<SampleScore>& scores) {
  if (batch.indices.empty()) return;
  const at::Tensor logits =
      network
          .forward(ApplyTransforms(batch.pixels.to(device), transforms,
                                   batch.noise_keys))
          .to(at::kCPU, at::kFloat)
          .contiguous();
  for (size_t i = 0; i < batch.indices.size(); ++i) {
    scores.push_back({batch.indices[i], logits.data_ptr<float>()[i]});
  }
}

// This rank's samples. All ranks do the same number of steps.
absl::StatusOr<std::vector<SampleScore>> ScoreMine(
    const ValidationOptions& options, ShardDataset& dataset,
    ProcessGroup& group, Network& network) {
  std::vector<SampleScore> scores;
  while (true) {
    const absl::StatusOr<std::optional<TensorBatch>> batch = dataset.Next();
    const absl::Status mine =
        StopRequested() ? CheckNotStopped() : batch.status();
    RETURN_IF_ERROR(group.Agree(mine));
    if (!batch->has_value()) return scores;
    ScoreBatch(**batch, options.transforms, group.device(), network, scores);
  }
}

// Everybody's scores on every rank, by index. Ranks may hold different
// numbers; the padding of the messages is cut off again.
absl::StatusOr<std::vector<SampleScore>> Gather(
    const std::vector<SampleScore>& mine, ProcessGroup& group) {
  ASSIGN_OR_RETURN(const std::vector<at::Tensor> counts,
                   group.AllGather(at::full(
                       {1}, static_cast<int64_t>(mine.size()), at::kLong)));
  int64_t most = 1;
  for (const at::Tensor& count : counts) {
    most = std::max(most, count.data_ptr<int64_t>()[0]);
  }
  // Index and logit; double holds both exactly.
  at::Tensor packed = at::full({most, 2}, 0, at::kDouble);
  for (size_t i = 0; i < mine.size(); ++i) {
    packed.data_ptr<double>()[2 * i] = static_cast<double>(mine[i].index);
    packed.data_ptr<double>()[2 * i + 1] = mine[i].logit;
  }
  ASSIGN_OR_RETURN(const std::vector<at::Tensor> all, group.AllGather(packed));
  std::vector<SampleScore> scores;
  for (size_t rank = 0; rank < all.size(); ++rank) {
    const double* values = all[rank].data_ptr<double>();
    for (int64_t i = 0; i < counts[rank].data_ptr<int64_t>()[0]; ++i) {
      scores.push_back({static_cast<uint64_t>(values[2 * i]),
                        static_cast<float>(values[2 * i + 1])});
    }
  }
  std::sort(scores.begin(), scores.end(),
            [](const SampleScore& a, const SampleScore& b) {
              return a.index < b.index;
            });
  return scores;
}

absl::Status CheckComplete(const std::vector<SampleScore>& scores,
                           const std::vector<SampleRow>& table) {
  std::vector<int> seen(table.size(), 0);
  for (const SampleScore& score : scores) {
    if (score.index >= table.size()) {
      return absl::InternalError(
          absl::StrCat("validation sample ", score.index, " is unknown"));
    }
    ++seen[score.index];
  }
  for (size_t i = 0; i < table.size(); ++i) {
    const int expected = table[i].split == SPLIT_VALIDATION ? 1 : 0;
    if (seen[i] == expected) continue;
    return absl::InternalError(absl::StrCat("sample ", table[i].sample_id,
                                            " was validated ", seen[i],
                                            " times instead of ", expected));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SampleScore>> ScoreValidation(
    const ValidationOptions& options, ShardStore& store, ProcessGroup& group,
    Network& network) {
  SampleStreamOptions stream;
  stream.snapshot = options.snapshot;
  stream.split = SPLIT_VALIDATION;
  stream.rank = group.rank();
  stream.world_size = group.world_size();
  stream.global_batch = options.global_batch;
  stream.shuffle = false;
  ShardDatasetOptions decoding;
  decoding.transforms = options.transforms;
  decoding.decode_threads = options.decode_threads;
  auto samples = store.StreamSamples(stream);
  RETURN_IF_ERROR(group.Agree(samples.status()));
  ShardDataset dataset(*std::move(samples), decoding);
  c10::NoGradGuard no_grad;
  network.eval();
  absl::StatusOr<std::vector<SampleScore>> mine =
      ScoreMine(options, dataset, group, network);
  network.train();
  RETURN_IF_ERROR(mine.status());
  ASSIGN_OR_RETURN(std::vector<SampleScore> all, Gather(*mine, group));
  if (group.rank() != 0) all.clear();
  return all;
}

absl::StatusOr<ValidationResult> JudgeValidation(
    const std::vector<SampleScore>& scores, const std::vector<SampleRow>& table,
    double alpha) {
  RETURN_IF_ERROR(CheckComplete(scores, table));
  ValidationResult result;
  std::vector<HumanScore> human;
  int64_t right = 0;
  for (const SampleScore& score : scores) {
    const SampleRow& row = table[score.index];
    const bool generated = row.label == LABEL_GENERATED;
    result.loss += LogLoss(score.logit, generated);
    right += (score.logit >= 0) == generated ? 1 : 0;
    if (!generated) human.push_back({row.source, score.logit});
  }
  ASSIGN_OR_RETURN(result.threshold, ChooseThreshold(human, alpha));
  result.samples = static_cast<int64_t>(scores.size());
  result.loss /= static_cast<double>(scores.size());
  result.accuracy =
      static_cast<double>(right) / static_cast<double>(scores.size());
  return result;
}

}  // namespace verso
