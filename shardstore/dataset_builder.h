#ifndef VERSO_SHARDSTORE_DATASET_BUILDER_H_
#define VERSO_SHARDSTORE_DATASET_BUILDER_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "proto/dataset.pb.h"
#include "shardstore/record_storage.h"

namespace verso {

// Freezes the data set of `recipe` as a folder of `snapshots_dir` and notes it
// in the ledger; returns the snapshot that is there when it was made before.
// Pictures are prepared on all cores; the result does not depend on how many.
// A line on stderr shows how far it is.
// REQUIRES: `records` is open for writing, and one call at a time.
// kInvalidArgument, kFailedPrecondition: as ShardStore::CreateSnapshot().
// kResourceExhausted: the disk is full. kCancelled: stop_signal.h. Whatever
// happens, no unfinished snapshot is seen.
absl::StatusOr<SnapshotInfo> BuildDataset(
    RecordStorage& records, const std::filesystem::path& snapshots_dir,
    const DatasetRecipe& recipe);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_DATASET_BUILDER_H_
