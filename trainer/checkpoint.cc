#include "trainer/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kTemporaryPrefix[] = ".tmp-";
constexpr int64_t kMaxFileBytes = int64_t{16} << 30;

// Deletes a folder that is not to be kept. Not thread-safe.
class TemporaryDir {
 public:
  explicit TemporaryDir(fs::path dir) : dir_(std::move(dir)) {}
  ~TemporaryDir() {
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }
  const fs::path& path() const { return dir_; }

 private:
  const fs::path dir_;
};

absl::Status WriteTensorFile(const fs::path& dir, absl::string_view name,
                             const TensorMap& tensors,
                             CheckpointManifest& manifest) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   EncodeSafetensors(tensors, {{"format", "pt"}}));
  RETURN_IF_ERROR(WriteFileAtomically(dir / std::string(name), bytes));
  manifest.files[std::string(name)] = {
      .size_bytes = static_cast<int64_t>(bytes.size()),
      .sha256 = Sha256Hex(bytes)};
  return absl::OkStatus();
}

// Points `link` to `target` in one step: readers see the old one or the new.
absl::Status ReplaceLink(const fs::path& link, const fs::path& target) {
  const fs::path temporary = link.string() + ".tmp";
  unlink(temporary.c_str());
  if (symlink(target.c_str(), temporary.c_str()) != 0) {
    return ErrnoStatus("link", temporary, errno);
  }
  if (rename(temporary.c_str(), link.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return ErrnoStatus("replace the link", link, error);
  }
  return absl::OkStatus();
}

// A resume checkpoint may be replaced by a scored one of the same step: the
// two folders change places, so that one of them is always there.
absl::Status ReplaceResume(const fs::path& temporary, const fs::path& final,
                           const CheckpointManifest& manifest) {
  ASSIGN_OR_RETURN(const CheckpointManifest old, ReadManifest(final));
  if (old.kind != CheckpointKind::kResume ||
      manifest.kind != CheckpointKind::kScored) {
    return absl::AlreadyExistsError(absl::StrCat(
        "checkpoint ", final.string(),
        " exists already: choose another run, or resume this one"));
  }
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, final.c_str(),
                RENAME_EXCHANGE) != 0) {
    return ErrnoStatus("exchange", final, errno);
  }
  return absl::OkStatus();
}

absl::Status CommitFolder(const fs::path& temporary, const fs::path& final,
                          const CheckpointManifest& manifest) {
  RETURN_IF_ERROR(SyncDir(temporary));
  if (rename(temporary.c_str(), final.c_str()) != 0) {
    if (errno != ENOTEMPTY && errno != EEXIST) {
      return ErrnoStatus("rename to", final, errno);
    }
    RETURN_IF_ERROR(ReplaceResume(temporary, final, manifest));
  }
  return SyncDir(final.parent_path());
}

absl::Status DamagedFile(const fs::path& path, absl::string_view why) {
  return absl::DataLossError(absl::StrCat(path.string(), " is damaged (", why,
                                          "): use another checkpoint"));
}

absl::Status CheckDigest(const fs::path& path, const ManifestFile& expected,
                         int64_t size, const std::string& sha256) {
  if (size != expected.size_bytes) {
    return DamagedFile(path, absl::StrCat(size, " bytes, the manifest says ",
                                          expected.size_bytes));
  }
  if (sha256 != expected.sha256) {
    return DamagedFile(path, "its sha256 is not the manifest's");
  }
  return absl::OkStatus();
}

// An absent file of a committed checkpoint is damage, not absence.
absl::Status AsDamage(const absl::Status& status, const fs::path& path) {
  if (absl::IsNotFound(status)) return DamagedFile(path, "it is missing");
  return status;
}

absl::StatusOr<LoadedCheckpoint> LoadAll(const fs::path& dir) {
  LoadedCheckpoint loaded;
  loaded.dir = dir;
  ASSIGN_OR_RETURN(loaded.manifest, ReadManifest(dir));
  ASSIGN_OR_RETURN(loaded.weights,
                   LoadCheckpointTensors(dir, loaded.manifest, kWeightsName));
  ASSIGN_OR_RETURN(loaded.optimizer,
                   LoadCheckpointTensors(dir, loaded.manifest, kOptimizerName));
  return loaded;
}

absl::Status SetAside(const fs::path& dir) {
  const std::string base = absl::StrCat("damaged-", dir.filename().string());
  fs::path aside = dir.parent_path() / base;
  for (int i = 1; fs::exists(aside); ++i) {
    aside = dir.parent_path() / absl::StrCat(base, ".", i);
  }
  if (rename(dir.c_str(), aside.c_str()) != 0) {
    return ErrnoStatus("rename", dir, errno);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<fs::path> CommitCheckpoint(const fs::path& run_dir,
                                          CheckpointManifest manifest,
                                          const TensorMap& weights,
                                          const TensorMap& optimizer,
                                          const CommitOptions& options) {
  const std::string name = absl::StrFormat("step-%010d", manifest.step);
  const fs::path dir = run_dir / "checkpoints";
  const TemporaryDir temporary(dir / (kTemporaryPrefix + name));
  std::error_code ignored;
  fs::remove_all(temporary.path(), ignored);
  RETURN_IF_ERROR(MakeDirs(temporary.path()));

  manifest.files.clear();
  RETURN_IF_ERROR(
      WriteTensorFile(temporary.path(), kWeightsName, weights, manifest));
  if (!optimizer.empty()) {
    RETURN_IF_ERROR(
        WriteTensorFile(temporary.path(), kOptimizerName, optimizer, manifest));
  }
  RETURN_IF_ERROR(WriteFileAtomically(
      temporary.path() / std::string(kManifestName), ManifestToJson(manifest)));
  RETURN_IF_ERROR(CommitFolder(temporary.path(), dir / name, manifest));

  const fs::path target = fs::path("checkpoints") / name;
  if (options.mark_best) {
    RETURN_IF_ERROR(ReplaceLink(run_dir / "best", target));
  }
  RETURN_IF_ERROR(ReplaceLink(run_dir / "latest", target));
  RETURN_IF_ERROR(SyncDir(run_dir));
  return dir / name;
}

absl::Status RemoveUnfinishedCheckpoints(const fs::path& run_dir) {
  const fs::path dir = run_dir / "checkpoints";
  std::error_code error;
  fs::directory_iterator it(dir, error);
  if (error == std::errc::no_such_file_or_directory) return absl::OkStatus();
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    if (!absl::StartsWith(it->path().filename().string(), kTemporaryPrefix)) {
      continue;
    }
    std::error_code failed;
    fs::remove_all(it->path(), failed);
    if (failed) return ErrnoStatus("delete", it->path(), failed.value());
  }
  if (error) return ErrnoStatus("list", dir, error.value());
  return absl::OkStatus();
}

absl::StatusOr<TensorMap> LoadCheckpointTensors(
    const fs::path& checkpoint, const CheckpointManifest& manifest,
    absl::string_view file) {
  const auto expected = manifest.files.find(std::string(file));
  if (expected == manifest.files.end()) {
    return absl::NotFoundError(
        absl::StrCat("the checkpoint ", checkpoint.string(), " has no ", file));
  }
  const fs::path path = checkpoint / expected->first;
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    return DamagedFile(path, "it is no file");
  }
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes.ok()) return AsDamage(bytes.status(), path);
  RETURN_IF_ERROR(
      CheckDigest(path, expected->second, bytes->size(), Sha256Hex(*bytes)));
  return DecodeSafetensors(*bytes, path.string());
}

absl::StatusOr<std::optional<LoadedCheckpoint>> LoadNewestCheckpoint(
    const fs::path& run_dir) {
  ASSIGN_OR_RETURN(const auto checkpoints, ListCheckpoints(run_dir));
  std::vector<std::pair<fs::path, absl::Status>> damaged;
  for (auto it = checkpoints.rbegin(); it != checkpoints.rend(); ++it) {
    absl::StatusOr<LoadedCheckpoint> loaded = LoadAll(it->second);
    if (loaded.ok()) {
      for (const auto& [dir, why] : damaged) {
        RETURN_IF_ERROR(SetAside(dir));
        absl::FPrintF(stderr, "set aside, going on from an earlier one: %s\n",
                      why.message());
      }
      return std::make_optional(*std::move(loaded));
    }
    if (!absl::IsDataLoss(loaded.status()) &&
        !absl::IsNotFound(loaded.status())) {
      return loaded.status();
    }
    damaged.emplace_back(it->second, loaded.status());
  }
  if (damaged.empty()) return std::nullopt;
  return absl::DataLossError(absl::StrCat(
      damaged.front().second.message(), "; run ", run_dir.string(),
      " has no checkpoint that is whole: begin again under another --run"));
}

}  // namespace verso
