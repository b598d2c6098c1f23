#ifndef VERSO_SHARDSTORE_SNAPSHOT_CHECK_H_
#define VERSO_SHARDSTORE_SNAPSHOT_CHECK_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verso {

struct SnapshotsReport {
  int64_t snapshots = 0;
  int64_t samples = 0;  // Whole, to the last bit.
  // One sentence for each snapshot that is damaged.
  std::vector<std::string> problems;
};

// Reads every byte of the finished snapshots below `snapshots_dir`: the sha256
// of each shard and of samples.csv, the CRC of each sample and of its index
// entry, and whether rows and samples agree. None when there is no such folder.
// kCancelled: the process was asked to stop.
absl::StatusOr<SnapshotsReport> CheckSnapshots(
    const std::filesystem::path& snapshots_dir);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_CHECK_H_
