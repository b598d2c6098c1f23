#include "evaluator/checkpoint_watcher.h"

#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "evaluator/report_writer.h"
#include "evaluator/run_folder.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

std::string KeyOf(const std::string& name, const std::string& sha256) {
  return absl::StrCat(name, " ", sha256);
}

// A report that cannot be read does not count: it is made again.
bool IsReported(const fs::path& run_dir, const PendingCheckpoint& checkpoint) {
  const absl::StatusOr<EvaluationReport> report =
      ReadReport(ReportsDir(run_dir) / checkpoint.name);
  return report.ok() &&
         report->subject.manifest_sha256 == checkpoint.manifest_sha256;
}

}  // namespace

CheckpointWatcher::CheckpointWatcher(fs::path run_dir)
    : run_dir_(std::move(run_dir)) {}

absl::StatusOr<std::optional<PendingCheckpoint>> CheckpointWatcher::Next() {
  ASSIGN_OR_RETURN(const auto checkpoints, ListCheckpoints(run_dir_));
  for (const auto& [step, dir] : checkpoints) {
    ASSIGN_OR_RETURN(auto pending, Look(dir));
    if (pending.has_value()) return pending;
  }
  return std::nullopt;
}

void CheckpointWatcher::Retry(const PendingCheckpoint& checkpoint) {
  seen_.erase(KeyOf(checkpoint.name, checkpoint.manifest_sha256));
}

absl::StatusOr<std::optional<PendingCheckpoint>> CheckpointWatcher::Look(
    const fs::path& dir) {
  const fs::path path = dir / std::string(kManifestName);
  const absl::StatusOr<std::string> json =
      ReadFile(path, /*max_bytes=*/int64_t{16} << 20);
  if (absl::IsNotFound(json.status())) return std::nullopt;  // Just deleted.
  if (!json.ok()) return json.status();
  PendingCheckpoint pending = {.dir = dir,
                               .name = dir.filename().string(),
                               .manifest_sha256 = Sha256Hex(*json)};
  if (!seen_.insert(KeyOf(pending.name, pending.manifest_sha256)).second) {
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(pending.manifest, ManifestFromJson(*json, path.string()));
  if (pending.manifest.kind != CheckpointKind::kScored) return std::nullopt;
  if (IsReported(run_dir_, pending)) return std::nullopt;
  return pending;
}

}  // namespace verso
