#include "shardstore/snapshot_catalog.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "shardstore/snapshot_reader.h"

namespace verso {
namespace {

bool IsHex(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(c);
  });
}

std::string Describe(const std::vector<SnapshotInfo>& snapshots) {
  if (snapshots.empty()) {
    return "there are none; make one with `bazel run //shardstore -- snapshot "
           "--recipe=d4_fair`";
  }
  return absl::StrCat(
      "there are ",
      absl::StrJoin(
          snapshots, ", ", [](std::string* out, const SnapshotInfo& info) {
            absl::StrAppend(out, info.id(), " (", info.recipe().name(), ")");
          }));
}

}  // namespace

absl::StatusOr<std::vector<std::filesystem::path>> SnapshotDirsIn(
    const std::filesystem::path& snapshots_dir) {
  std::vector<std::filesystem::path> dirs;
  std::error_code error;
  std::filesystem::directory_iterator it(snapshots_dir, error);
  if (error == std::errc::no_such_file_or_directory) return dirs;
  while (!error && it != std::filesystem::directory_iterator()) {
    if (!it->path().filename().string().starts_with('.')) {
      dirs.push_back(it->path());
    }
    it.increment(error);
  }
  if (error) return ErrnoStatus("list", snapshots_dir, error.value());
  return dirs;
}

absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshotsIn(
    const std::filesystem::path& snapshots_dir) {
  ASSIGN_OR_RETURN(const auto dirs, SnapshotDirsIn(snapshots_dir));
  std::vector<SnapshotInfo> snapshots;
  for (const std::filesystem::path& dir : dirs) {
    absl::StatusOr<SnapshotInfo> info = ReadSnapshotInfo(dir);
    if (absl::IsNotFound(info.status())) continue;  // Not a snapshot.
    RETURN_IF_ERROR(info.status());
    snapshots.push_back(*std::move(info));
  }
  std::sort(snapshots.begin(), snapshots.end(),
            [](const SnapshotInfo& a, const SnapshotInfo& b) {
              return std::tie(a.created_at(), a.id()) <
                     std::tie(b.created_at(), b.id());
            });
  return snapshots;
}

absl::StatusOr<SnapshotInfo> FindSnapshot(
    const std::filesystem::path& snapshots_dir, absl::string_view id) {
  if (IsHex(id)) {  // Damage of other snapshots must not matter.
    absl::StatusOr<SnapshotInfo> info =
        ReadSnapshotInfo(snapshots_dir / std::string(id));
    if (!absl::IsNotFound(info.status())) return info;
  }
  ASSIGN_OR_RETURN(const std::vector<SnapshotInfo> snapshots,
                   ListSnapshotsIn(snapshots_dir));
  const SnapshotInfo* prefixed = nullptr;
  const SnapshotInfo* named = nullptr;
  int prefixes = 0;
  for (const SnapshotInfo& info : snapshots) {
    if (!id.empty() && absl::StartsWith(info.id(), id)) {
      prefixed = &info;
      ++prefixes;
    }
    if (info.recipe().name() == id) named = &info;
  }
  if (prefixes == 1) return *prefixed;
  if (named != nullptr) return *named;
  const std::string there_are = Describe(snapshots);
  if (prefixes > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "snapshot ", id, " could be any of ", prefixes, ": ", there_are));
  }
  return absl::NotFoundError(
      absl::StrCat("there is no snapshot \"", id, "\"; ", there_are));
}

}  // namespace verso
