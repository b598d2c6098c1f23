#ifndef VERSO_TRAINER_TRAIN_LOOP_H_
#define VERSO_TRAINER_TRAIN_LOOP_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/progress.h"
#include "proto/dataset.pb.h"
#include "proto/run.pb.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_store.h"
#include "trainer/adamw.h"
#include "trainer/gradient_sync.h"
#include "trainer/network.h"
#include "trainer/process_group.h"
#include "trainer/run_log.h"
#include "trainer/shard_dataset.h"
#include "trainer/validation.h"

namespace verso {

struct TrainLoopOptions {
  TrainConfig config;  // Complete: no field means "default" any more.
  SnapshotInfo snapshot;
  std::string run;  // Its name, for the manifests.
  int decode_threads = 1;
  // Rank 0 only:
  RunLog* log = nullptr;         // Not owned.
  std::vector<SampleRow> table;  // The snapshot's.
};

// Trains one rank's copy of a network on a snapshot. Steps, validations and
// checkpoints happen at the same step on all ranks; rank 0 writes the files.
// Not thread-safe.
class TrainLoop {
 public:
  // Nothing is owned; all outlive this.
  TrainLoop(TrainLoopOptions options, ShardStore& store, ProcessGroup& group,
            Network& network);

  // Trains to the end, from the newest checkpoint if there is one. The weights
  // are the same, bit by bit, as without the stop in between, on the same
  // number of ranks and threads and the same hardware.
  // kCancelled: stopped on request (see stop_signal.h) on any rank; a
  //   checkpoint was written to go on from.
  // kUnavailable: another rank or the store is gone. kDataLoss: ranks drifted
  //   apart, or a sample or a checkpoint is damaged. kAborted: another rank
  //   cannot go on. Else as the store and the disk fail. When it is the store
  //   or a sample that fails, a checkpoint was written first.
  absl::Status Run();

 private:
  // Where the run is; equal on all ranks.
  struct Position {
    int64_t step = 0;        // Steps done.
    uint64_t cursor = 0;     // Samples consumed over all ranks and epochs.
    bool validated = false;  // At `step`.
    bool saved = false;      // A checkpoint of `step` is there.
    double best_loss = std::numeric_limits<double>::infinity();
  };

  absl::Status Restore();
  absl::Status RestoreFiles();
  // Of one step.
  struct Sums {
    double loss = 0;      // Of this rank's samples.
    double right = 0;     // How many of them.
    int64_t samples = 0;  // Of all ranks.
  };

  absl::Status TrainSteps(GradientSync& sync);
  absl::Status Fetch(ShardDataset& dataset, TensorBatch& batch);
  absl::StatusOr<Sums> Step(const TensorBatch& batch, GradientSync& sync);
  absl::Status SumUp(const Sums& mine, const absl::Status& fetched);
  absl::Status AfterStep(GradientSync& sync, const absl::Status& fetched);
  absl::Status Validate(GradientSync& sync);
  absl::Status KeepValidation(const std::vector<SampleScore>& scores);
  absl::Status Commit(CheckpointManifest manifest, bool best);
  absl::Status SaveHere();
  absl::Status StopHere();
  absl::Status FailHere(const absl::Status& why);
  absl::Status Log(const LogRow::Validation* validation);
  void ShowProgress();

  SampleStreamOptions StreamFromHere() const;
  CheckpointManifest ManifestHere() const;
  bool AtEnd() const;
  bool ValidationDue() const;
  int64_t EpochsDone() const;
  int64_t TotalSteps() const;
  bool rank0() const { return group_.rank() == 0; }

  const TrainLoopOptions options_;
  const TrainConfig& config_;  // options_.config.
  const TransformOptions transforms_;
  ShardStore& store_;
  ProcessGroup& group_;
  Network& network_;
  AdamW optimizer_;
  Position position_;

  // Of the last step, summed over the ranks.
  std::optional<LogRow::Training> last_;
  bool stop_ = false;       // A rank was asked to stop.
  bool data_lost_ = false;  // A rank has no samples for the next step.
  absl::Duration waited_ = absl::ZeroDuration();  // For data, since the last
                                                  // step was summed up.
  absl::Time step_start_;
  absl::Time start_;        // Of this process's first step.
  int64_t first_step_ = 0;  // Done before `start_`.
  uint64_t first_cursor_ = 0;
  absl::Duration validating_ = absl::ZeroDuration();
  ProgressLine progress_;
};

}  // namespace verso

#endif  // VERSO_TRAINER_TRAIN_LOOP_H_
