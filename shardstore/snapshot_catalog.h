#ifndef VERSO_SHARDSTORE_SNAPSHOT_CATALOG_H_
#define VERSO_SHARDSTORE_SNAPSHOT_CATALOG_H_

#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"

namespace verso {

// The folders of the finished snapshots below `snapshots_dir`, in no order;
// none when there is no such folder.
absl::StatusOr<std::vector<std::filesystem::path>> SnapshotDirsIn(
    const std::filesystem::path& snapshots_dir);

// The finished snapshots below `snapshots_dir`, oldest first; none when there
// is no such folder. kDataLoss: a snapshot.textproto is damaged (named).
absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshotsIn(
    const std::filesystem::path& snapshots_dir);

// The snapshot whose id is `id`, or the only one whose id begins with it, or
// the newest made from a recipe of that name; in this order.
// kNotFound lists what there is. kInvalidArgument: a prefix of several ids.
// kDataLoss as ListSnapshotsIn(); for a whole id only when it is that one.
absl::StatusOr<SnapshotInfo> FindSnapshot(
    const std::filesystem::path& snapshots_dir, absl::string_view id);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_CATALOG_H_
