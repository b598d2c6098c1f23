#ifndef VERSO_SHARDSTORE_FSCK_H_
#define VERSO_SHARDSTORE_FSCK_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verso {

struct FsckOptions {
  bool rebuild_index = false;  // Throws the index away and builds it anew.
};

struct FsckReport {
  int64_t shards = 0;
  int64_t records = 0;      // Whole, to the last bit.
  int64_t quarantined = 0;  // Of these.
  int64_t bytes = 0;        // Of records; read and checked.
  int64_t snapshots = 0;
  int64_t samples = 0;              // Of the snapshots; whole, to the last bit.
  std::vector<std::string> mended;  // What is right again.
  // One sentence for each thing that is wrong; empty: all is well.
  std::vector<std::string> problems;
};

// Reads everything: each sample's CRC, each sealed shard's sha256, whether
// ledger, shards and index agree (on what is quarantined and on labels that
// were set later, too), and every snapshot (snapshot_check.h). Mends
// what opening for writing mends.
// kNotFound: no store there. kFailedPrecondition: another process writes, or
// the files there are no store's. kCancelled: the process was asked to stop.
absl::StatusOr<FsckReport> CheckStore(const std::filesystem::path& store,
                                      const FsckOptions& options);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_FSCK_H_
