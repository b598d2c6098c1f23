#include "trainer/train_loop.h"

#include <algorithm>
#include <utility>

#include "ATen/Context.h"
#include "ATen/ops/binary_cross_entropy_with_logits.h"
#include "ATen/ops/empty.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/batch_plan.h"
#include "trainer/checkpoint.h"
#include "trainer/train_config.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

AdamW::NamedParameters ParametersOf(const Network& network) {
  AdamW::NamedParameters parameters;
  for (const auto& item : network.named_parameters()) {
    parameters.emplace_back(item.key(), item.value());
  }
  return parameters;
}

AdamWOptions OptimizerOptions(const TrainConfig& config) {
  AdamWOptions options;
  options.learning_rate = config.learning_rate();
  options.weight_decay = config.weight_decay();
  return options;
}

std::vector<at::Tensor> TensorsOf(const TensorMap& map) {
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : map) tensors.push_back(tensor);
  return tensors;
}

TensorMap CopyOf(const TensorMap& map) {
  TensorMap copy;
  for (const auto& [name, tensor] : map) {
    copy[name] = tensor.to(at::kCPU, /*non_blocking=*/false, /*copy=*/true);
  }
  return copy;
}

}  // namespace

TrainLoop::TrainLoop(TrainLoopOptions options, ShardStore& store,
                     ProcessGroup& group, Network& network)
    : options_(std::move(options)),
      config_(options_.config),
      transforms_(TransformsOf(config_)),
      store_(store),
      group_(group),
      network_(network),
      optimizer_(ParametersOf(network), OptimizerOptions(config_)) {
  VERSO_CHECK(rank0() == (options_.log != nullptr));
}

absl::Status TrainLoop::Run() {
  network_.train();
  RETURN_IF_ERROR(Restore());
  ASSIGN_OR_RETURN(const std::unique_ptr<GradientSync> sync,
                   GradientSync::Create(network_, group_));
  first_step_ = position_.step;
  first_cursor_ = position_.cursor;
  start_ = step_start_ = absl::Now();
  // A stop may have come between a step and its validation.
  if (position_.step > 0) RETURN_IF_ERROR(AfterStep(*sync, absl::OkStatus()));
  if (!AtEnd()) RETURN_IF_ERROR(TrainSteps(*sync));
  return group_.Agree(absl::OkStatus());
}

// Only rank 0 reads the run's folder; it may be on another machine's disk.
absl::Status TrainLoop::Restore() {
  RETURN_IF_ERROR(group_.Agree(rank0() ? RestoreFiles() : absl::OkStatus()));
  at::Tensor numbers = at::empty({5}, at::kDouble);
  double* values = numbers.data_ptr<double>();
  values[0] = static_cast<double>(position_.step);
  values[1] = static_cast<double>(position_.cursor);
  values[2] = position_.validated ? 1 : 0;
  values[3] = position_.best_loss;
  values[4] = position_.saved ? 1 : 0;
  RETURN_IF_ERROR(group_.Broadcast({numbers}));
  position_.step = static_cast<int64_t>(values[0]);
  position_.cursor = static_cast<uint64_t>(values[1]);
  position_.validated = values[2] != 0;
  position_.best_loss = values[3];
  position_.saved = values[4] != 0;
  return group_.Broadcast(TensorsOf(optimizer_.State()));
}

absl::Status TrainLoop::RestoreFiles() {
  const std::filesystem::path& run_dir = options_.log->run_dir();
  RETURN_IF_ERROR(RemoveUnfinishedCheckpoints(run_dir));
  ASSIGN_OR_RETURN(const std::optional<LoadedCheckpoint> newest,
                   LoadNewestCheckpoint(run_dir));
  if (!newest) return options_.log->RewindTo(0);
  RETURN_IF_ERROR(LoadState(network_, newest->weights));
  RETURN_IF_ERROR(optimizer_.LoadState(newest->optimizer));
  position_.step = newest->manifest.step;
  position_.cursor = newest->manifest.cursor;
  position_.saved = true;
  position_.validated = newest->manifest.kind == CheckpointKind::kScored;
  if (const auto best = ReadManifest(run_dir / "best"); best.ok()) {
    position_.best_loss = best->validation_loss;
  }
  progress_.Finish(absl::StrFormat(
      "%s %s", AtEnd() ? "nothing is left to do after" : "going on from",
      newest->dir.string()));
  return options_.log->RewindTo(position_.step);
}

SampleStreamOptions TrainLoop::StreamFromHere() const {
  SampleStreamOptions stream;
  stream.snapshot = options_.snapshot.id();
  stream.split = SPLIT_TRAIN;
  stream.seed = config_.seed();
  stream.epochs = config_.epochs();
  stream.rank = group_.rank();
  stream.world_size = group_.world_size();
  stream.global_batch = config_.global_batch();
  stream.cursor = position_.cursor;
  return stream;
}

absl::Status TrainLoop::TrainSteps(GradientSync& sync) {
  ShardDatasetOptions decoding;
  decoding.transforms = transforms_;
  decoding.training_seed = config_.seed();
  decoding.decode_threads = options_.decode_threads;
  auto samples = store_.StreamSamples(StreamFromHere());
  RETURN_IF_ERROR(group_.Agree(samples.status()));
  ShardDataset dataset(*std::move(samples), decoding);
  start_ = step_start_ = absl::Now();
  validating_ = absl::ZeroDuration();  // Of before the first step.
  TensorBatch batch;
  absl::Status fetched = Fetch(dataset, batch);
  RETURN_IF_ERROR(group_.Agree(fetched));
  while (!AtEnd()) {
    ASSIGN_OR_RETURN(const Sums mine, Step(batch, sync));
    // Before the sum, so that no rank begins a step that another one has no
    // samples for: it would wait in vain, with weights half changed.
    if (!AtEnd()) fetched = Fetch(dataset, batch);
    RETURN_IF_ERROR(SumUp(mine, fetched));
    RETURN_IF_ERROR(AfterStep(sync, fetched));
  }
  return absl::OkStatus();
}

absl::Status TrainLoop::Fetch(ShardDataset& dataset, TensorBatch& batch) {
  const absl::Duration waited = dataset.waited();
  ASSIGN_OR_RETURN(std::optional<TensorBatch> next, dataset.Next());
  waited_ += dataset.waited() - waited;
  if (!next) {
    return absl::InternalError(absl::StrFormat(
        "the stream of snapshot %s ended at sample %d, before its end",
        options_.snapshot.id(), position_.cursor));
  }
  batch = *std::move(next);
  return absl::OkStatus();
}

absl::StatusOr<TrainLoop::Sums> TrainLoop::Step(const TensorBatch& batch,
                                                GradientSync& sync) {
  // Drop-out differs by rank, and is the same when the step is done again.
  at::manual_seed(TrainingKey(config_.seed(), position_.step, group_.rank()));
  sync.BeginStep();
  Sums mine;
  mine.samples = batch.global_batch;
  at::Tensor loss_sum;
  if (!batch.indices.empty()) {
    const at::Tensor targets = batch.targets.to(group_.device());
    const at::Tensor logits = network_.forward(ApplyTransforms(
        batch.pixels.to(group_.device()), transforms_, batch.noise_keys));
    loss_sum = at::binary_cross_entropy_with_logits(logits, targets, {}, {},
                                                    at::Reduction::Sum);
    mine.right = logits.detach().ge(0).eq(targets.ge(0.5)).sum().item<double>();
  }
  RETURN_IF_ERROR(sync.Backward(loss_sum, batch.global_batch));
  optimizer_.Step();
  RETURN_IF_ERROR(sync.AverageBuffers());
  ++position_.step;
  position_.cursor = batch.next_cursor;
  position_.validated = position_.saved = false;
  if (loss_sum.defined()) mine.loss = loss_sum.item<double>();
  return mine;
}

// One small sum a step: figures to show, and whether all ranks go on.
absl::Status TrainLoop::SumUp(const Sums& mine, const absl::Status& fetched) {
  const bool stopped = StopRequested() || absl::IsCancelled(fetched);
  at::Tensor totals = at::empty({5}, at::kDouble);
  double* values = totals.data_ptr<double>();
  values[0] = mine.loss;
  values[1] = mine.right;
  values[2] = absl::ToDoubleSeconds(waited_);
  values[3] = stopped ? 1 : 0;
  values[4] = fetched.ok() || stopped ? 0 : 1;
  RETURN_IF_ERROR(group_.Sum(totals));
  const absl::Time now = absl::Now();
  const double seconds =
      std::max(1e-9, absl::ToDoubleSeconds(now - step_start_));
  const auto samples = static_cast<double>(mine.samples);
  last_ = LogRow::Training();
  last_->loss = values[0] / samples;
  last_->accuracy = values[1] / samples;
  last_->learning_rate = config_.learning_rate();
  last_->images_per_s = samples / seconds;
  last_->wait_share = values[2] / (seconds * group_.world_size());
  stop_ = values[3] > 0;
  data_lost_ = values[4] > 0;
  waited_ = absl::ZeroDuration();
  step_start_ = now;
  return absl::OkStatus();
}

// What a step may bring with it: a validation, a line in the log, an end.
absl::Status TrainLoop::AfterStep(GradientSync& sync,
                                  const absl::Status& fetched) {
  ShowProgress();
  if (!stop_ && !data_lost_ && ValidationDue()) {
    const absl::Status validated = Validate(sync);
    if (!absl::IsCancelled(validated)) return validated;
    stop_ = true;
  }
  if (last_) RETURN_IF_ERROR(Log(nullptr));
  if (stop_) return StopHere();
  return data_lost_ ? FailHere(fetched) : absl::OkStatus();
}

absl::Status TrainLoop::Validate(GradientSync& sync) {
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(sync.CheckEqual());
  ValidationOptions options;
  options.snapshot = options_.snapshot.id();
  options.global_batch = config_.global_batch();
  options.transforms = transforms_;
  options.decode_threads = options_.decode_threads;
  const absl::StatusOr<std::vector<SampleScore>> scores =
      ScoreValidation(options, store_, group_, network_);
  if (absl::IsCancelled(scores.status())) return scores.status();
  if (!scores.ok()) return FailHere(scores.status());
  position_.validated = position_.saved = true;
  RETURN_IF_ERROR(
      group_.Agree(rank0() ? KeepValidation(*scores) : absl::OkStatus()));
  last_.reset();
  validating_ += absl::Now() - start;
  step_start_ = absl::Now();
  return absl::OkStatus();
}

// Rank 0: judges the scores, says so and commits a scored checkpoint.
absl::Status TrainLoop::KeepValidation(const std::vector<SampleScore>& scores) {
  ASSIGN_OR_RETURN(const ValidationResult result,
                   JudgeValidation(scores, options_.table, config_.alpha()));
  const bool best = result.loss < position_.best_loss;
  if (best) position_.best_loss = result.loss;
  CheckpointManifest manifest = ManifestHere();
  manifest.kind = CheckpointKind::kScored;
  manifest.validation_loss = result.loss;
  manifest.validation_accuracy = result.accuracy;
  manifest.validation_samples = result.samples;
  manifest.threshold = result.threshold.probability;
  manifest.alpha = config_.alpha();
  manifest.human_rates = result.threshold.human_rates;
  RETURN_IF_ERROR(Commit(std::move(manifest), best));
  progress_.Finish(
      absl::StrFormat("step %d: validation loss %.4f  acc %.3f  of %d; "
                      "threshold %.4f (no human "
                      "source above %.0f %% there)%s",
                      position_.step, result.loss, result.accuracy,
                      result.samples, result.threshold.probability,
                      100 * config_.alpha(), best ? "  best so far" : ""));
  const LogRow::Validation row = {result.loss, result.accuracy,
                                  result.threshold.probability};
  return Log(&row);
}

CheckpointManifest TrainLoop::ManifestHere() const {
  CheckpointManifest manifest;
  manifest.run = options_.run;
  manifest.model = config_.model();
  manifest.step = position_.step;
  manifest.epoch = EpochsDone();
  manifest.cursor = position_.cursor;
  manifest.world_size = group_.world_size();
  manifest.seed = config_.seed();
  manifest.snapshot = options_.snapshot.id();
  manifest.transforms = transforms_;
  return manifest;
}

absl::Status TrainLoop::Commit(CheckpointManifest manifest, bool best) {
  CommitOptions commit;
  commit.mark_best = best;
  return CommitCheckpoint(options_.log->run_dir(), std::move(manifest),
                          CopyOf(StateOf(network_)), CopyOf(optimizer_.State()),
                          commit)
      .status();
}

absl::Status TrainLoop::SaveHere() {
  absl::Status saved;
  if (rank0() && !position_.saved) saved = Commit(ManifestHere(), false);
  return group_.Agree(saved);
}

absl::Status TrainLoop::StopHere() {
  RETURN_IF_ERROR(SaveHere());
  return absl::CancelledError(absl::StrFormat(
      "stopped on request at step %d, which is saved", position_.step));
}

// The steps done are whole although the next one has no samples.
absl::Status TrainLoop::FailHere(const absl::Status& why) {
  if (!SaveHere().ok()) return why;
  if (why.ok()) return absl::AbortedError("another rank has no samples");
  return absl::Status(
      why.code(), absl::StrFormat("%s; step %d is saved, the same command goes "
                                  "on from there",
                                  why.message(), position_.step));
}

absl::Status TrainLoop::Log(const LogRow::Validation* validation) {
  if (!rank0()) return absl::OkStatus();
  LogRow row;
  row.step = position_.step;
  row.samples = position_.cursor;
  // The epoch of the last sample, not of the next one.
  row.epoch = static_cast<int64_t>((position_.cursor - 1) /
                                   options_.snapshot.train_samples());
  row.training = last_;
  if (validation != nullptr) row.validation = *validation;
  row.time = absl::Now();
  return options_.log->Append(row);
}

void TrainLoop::ShowProgress() {
  if (!rank0() || !last_) return;
  const absl::Duration elapsed = absl::Now() - start_ - validating_;
  const double images = static_cast<double>(position_.cursor - first_cursor_);
  const std::string text = absl::StrFormat(
      "step %d/%d  loss %.3f  acc %.2f  %.1f images/s  wait %.0f %%  left %s",
      position_.step, TotalSteps(), last_->loss, last_->accuracy,
      images / std::max(1e-9, absl::ToDoubleSeconds(elapsed)),
      100 * last_->wait_share,
      FormatTimeLeft(static_cast<double>(position_.step - first_step_),
                     static_cast<double>(TotalSteps() - first_step_), start_));
  AtEnd() ? progress_.Finish(text) : progress_.Update(text);
}

bool TrainLoop::AtEnd() const {
  const uint64_t all = static_cast<uint64_t>(config_.epochs()) *
                       options_.snapshot.train_samples();
  return position_.cursor >= all ||
         (config_.max_steps() > 0 && position_.step >= config_.max_steps());
}

bool TrainLoop::ValidationDue() const {
  if (position_.validated || position_.step == 0) return false;
  if (AtEnd()) return true;
  if (config_.validate_every_steps() > 0) {
    return position_.step % config_.validate_every_steps() == 0;
  }
  return position_.cursor % options_.snapshot.train_samples() == 0;
}

int64_t TrainLoop::EpochsDone() const {
  return static_cast<int64_t>(position_.cursor /
                              options_.snapshot.train_samples());
}

int64_t TrainLoop::TotalSteps() const {
  const auto plan = BatchPlan::Create(options_.snapshot.train_samples(),
                                      config_.global_batch(),
                                      group_.world_size(), config_.epochs());
  VERSO_CHECK(plan.ok());
  const int64_t all =
      static_cast<int64_t>(plan->steps_per_epoch()) * config_.epochs();
  return config_.max_steps() > 0 ? std::min(all, config_.max_steps()) : all;
}

}  // namespace verso
