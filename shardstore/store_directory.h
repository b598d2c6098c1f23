#ifndef VERSO_SHARDSTORE_STORE_DIRECTORY_H_
#define VERSO_SHARDSTORE_STORE_DIRECTORY_H_

#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file.h"

namespace verso {

// Where things lie in the directory of a store:
//   lock  ledger  index/  shards/shard-000000.tar ...  snapshots/<id>/
std::filesystem::path LedgerPath(const std::filesystem::path& store);
std::filesystem::path IndexDir(const std::filesystem::path& store);
std::filesystem::path ShardsDir(const std::filesystem::path& store);
std::filesystem::path ShardPath(const std::filesystem::path& store, int number);

// The numbers of the shard files that are there, ascending. Other files are
// not ours and ignored.
absl::StatusOr<std::vector<int>> ListShardFiles(
    const std::filesystem::path& store);

// kFailedPrecondition: `dir` is neither a store nor empty, so that none must be
// made in it.
absl::Status CheckMayBeStore(const std::filesystem::path& dir);

// The right to write in a store, until destruction. Not thread-safe.
class StoreLock {
 public:
  // kFailedPrecondition: another process, or another StoreLock of this one,
  // has it; the message names the lock and the process.
  static absl::StatusOr<StoreLock> Take(const std::filesystem::path& store);

 private:
  explicit StoreLock(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_STORE_DIRECTORY_H_
