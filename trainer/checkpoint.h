#ifndef VERSO_TRAINER_CHECKPOINT_H_
#define VERSO_TRAINER_CHECKPOINT_H_

#include <filesystem>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trainer/checkpoint_manifest.h"
#include "trainer/safetensors.h"

// In a run's folder:
//   checkpoints/step-0000000120/   model.safetensors, optimizer.safetensors,
//                                  manifest.json; never written to again
//   checkpoints/.tmp-...           one being written, or left by a crash
//   checkpoints/damaged-step-...   one that could not be gone on from
//   latest, best                   links to checkpoints/step-...
namespace verso {

inline constexpr absl::string_view kOptimizerName = "optimizer.safetensors";

struct CommitOptions {
  bool mark_best = false;  // Also points the link `best` here.
};

// Writes a checkpoint under a temporary name, syncs every file, and commits it
// by rename; then `latest` points to it. `manifest.files` is filled in here;
// an empty `optimizer` is not written. Returns the folder.
// Durable when it returns; a crash or a full disk leaves nothing that looks
// like a checkpoint. A kResume checkpoint of the same step is replaced by a
// kScored one; any other of the same step is kAlreadyExists.
// Only rank 0 calls this, from one thread.
absl::StatusOr<std::filesystem::path> CommitCheckpoint(
    const std::filesystem::path& run_dir, CheckpointManifest manifest,
    const TensorMap& weights, const TensorMap& optimizer,
    const CommitOptions& options = {});

// Deletes what a crashed CommitCheckpoint() left. Called by the owner of the
// run before its first checkpoint.
absl::Status RemoveUnfinishedCheckpoints(const std::filesystem::path& run_dir);

// Reads one tensor file (kWeightsName or kOptimizerName) of a checkpoint.
// kNotFound: the manifest has no such file. kDataLoss: the file is missing or
// is not the one that was written (size or sha256); it is named.
absl::StatusOr<TensorMap> LoadCheckpointTensors(
    const std::filesystem::path& checkpoint, const CheckpointManifest& manifest,
    absl::string_view file);

// All of a checkpoint.
struct LoadedCheckpoint {
  std::filesystem::path dir;
  CheckpointManifest manifest;
  TensorMap weights;
  TensorMap optimizer;
};

// The newest checkpoint to go on from; nullopt: there is none. Newer ones that
// are damaged are set aside under another name, so that the run can write them
// again, and stderr says so.
// kDataLoss: there are checkpoints, but all are damaged; the newest one's
//   damage is named, and nothing was moved.
// Only rank 0 calls this.
absl::StatusOr<std::optional<LoadedCheckpoint>> LoadNewestCheckpoint(
    const std::filesystem::path& run_dir);

}  // namespace verso

#endif  // VERSO_TRAINER_CHECKPOINT_H_
