#ifndef VERSO_TRAINER_RUN_LOG_H_
#define VERSO_TRAINER_RUN_LOG_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "proto/run.pb.h"

// A run's folder:
//   config.textproto   TrainConfig: what the run was told to do
//   log.csv            one line a step; validation figures where it validated
//   checkpoints/       see checkpoint.h, with the links latest and best
namespace verso {

enum class ResumePolicy {
  kAuto,   // Go on with a run of the same configuration.
  kNever,  // Only a new run.
  kForce,  // Go on although the configuration differs.
};

struct LogRow {
  int64_t step = 0;      // Steps done.
  int64_t epoch = 0;     // From 0, of this step.
  uint64_t samples = 0;  // Seen so far over all ranks and epochs.
  struct Training {
    double loss = 0;      // Mean over this step's global batch.
    double accuracy = 0;  // Likewise; at 0.5.
    double learning_rate = 0;
    double images_per_s = 0;  // All ranks together, this step.
    double wait_share = 0;    // Of this step's time, waiting for data; 0..1.
  };
  // Not set when a run goes on with the validation that a stop kept it from.
  std::optional<Training> training;
  struct Validation {
    double loss = 0;
    double accuracy = 0;
    double threshold = 0;
  };
  std::optional<Validation> validation;
  absl::Time time;
};

// The folder of a run that this process writes. Only rank 0 has one.
// Not thread-safe.
class RunLog {
 public:
  // Makes the folder, or opens that of a run that goes on, and locks it.
  // kAlreadyExists: kNever, and there is a run.
  // kFailedPrecondition: another process writes this run, or its configuration
  //   differs (what differs is named).
  // kDataLoss: config.textproto cannot be read.
  static absl::StatusOr<std::unique_ptr<RunLog>> Open(
      const std::filesystem::path& run_dir, const TrainConfig& config,
      ResumePolicy policy);

  // Forgets the lines behind `step`, which a run that goes on does again.
  // kDataLoss: log.csv is no such log.
  absl::Status RewindTo(int64_t step);

  // Adds a line. REQUIRES: RewindTo() was called.
  absl::Status Append(const LogRow& row);

  const std::filesystem::path& run_dir() const { return run_dir_; }

 private:
  RunLog(std::filesystem::path run_dir, FileDescriptor lock)
      : run_dir_(std::move(run_dir)), lock_(std::move(lock)) {}

  const std::filesystem::path run_dir_;
  const FileDescriptor lock_;
  FileDescriptor log_;
  int64_t log_bytes_ = 0;
};

}  // namespace verso

#endif  // VERSO_TRAINER_RUN_LOG_H_
