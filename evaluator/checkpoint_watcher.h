#ifndef VERSO_EVALUATOR_CHECKPOINT_WATCHER_H_
#define VERSO_EVALUATOR_CHECKPOINT_WATCHER_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// A committed `scored` checkpoint that has no report yet.
struct PendingCheckpoint {
  std::filesystem::path dir;
  std::string name;             // "step-0000000120".
  std::string manifest_sha256;  // Of manifest.json, which holds the hashes of
                                // all other files: the checkpoint's identity.
  CheckpointManifest manifest;
};

// Sees each `scored` checkpoint of one run exactly once, in the order of steps
// among those that are there. A checkpoint whose report exists for the same
// manifest counts as seen; one that was replaced by other content comes again.
// `resume` checkpoints are passed over. Not thread-safe.
class CheckpointWatcher {
 public:
  explicit CheckpointWatcher(std::filesystem::path run_dir);

  // The next one; nullopt when there is none now: ask again later.
  // kDataLoss: a manifest is damaged; said once, and Next() goes on behind it.
  absl::StatusOr<std::optional<PendingCheckpoint>> Next();

  // Lets Next() return `checkpoint` again: it could not be scored now.
  void Retry(const PendingCheckpoint& checkpoint);

 private:
  absl::StatusOr<std::optional<PendingCheckpoint>> Look(
      const std::filesystem::path& dir);

  std::filesystem::path run_dir_;
  std::set<std::string> seen_;  // Name and manifest hash.
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_CHECKPOINT_WATCHER_H_
