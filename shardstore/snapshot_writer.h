#ifndef VERSO_SHARDSTORE_SNAPSHOT_WRITER_H_
#define VERSO_SHARDSTORE_SNAPSHOT_WRITER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_writer.h"

namespace verso {

// Writes the folder of one snapshot under a temporary name; Commit() makes it
// visible, whole and durable. Without it nothing is left. Not thread-safe.
class SnapshotWriter {
 public:
  // Removes what an earlier attempt at any snapshot of `snapshots_dir` left
  // behind: REQUIRES that nobody else writes there (the store's lock).
  static absl::StatusOr<std::unique_ptr<SnapshotWriter>> Create(
      const std::filesystem::path& snapshots_dir, absl::string_view id,
      int64_t max_shard_bytes = kDefaultMaxShardBytes);

  ~SnapshotWriter();

  // The next row. REQUIRES: rows come by split, then by id. `source` is its
  // index in the recipe.
  // kResourceExhausted: the disk is full.
  absl::Status Add(SampleRow row, int source, absl::string_view json,
                   absl::string_view jpeg);

  // `info` has everything but `shard`; returns it with `shard`.
  // kAlreadyExists: the snapshot is there.
  absl::StatusOr<SnapshotInfo> Commit(SnapshotInfo info);

 private:
  SnapshotWriter(const std::filesystem::path& snapshots_dir,
                 absl::string_view id, int64_t max_shard_bytes);
  absl::Status SealShard();

  const std::filesystem::path dir_;  // The final name.
  const std::filesystem::path tmp_dir_;
  const int64_t max_shard_bytes_;
  std::unique_ptr<ShardWriter> shard_;  // Null between shards.
  std::vector<PreparedShard> sealed_;
  std::vector<SampleRow> rows_;
  std::string index_;
  bool committed_ = false;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_WRITER_H_
