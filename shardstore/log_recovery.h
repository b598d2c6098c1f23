#ifndef VERSO_SHARDSTORE_LOG_RECOVERY_H_
#define VERSO_SHARDSTORE_LOG_RECOVERY_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "shardstore/ledger.h"
#include "shardstore/shard_writer.h"

namespace verso {

// Shards and ledger, ready to be appended to.
struct RecoveredLog {
  LedgerSummary summary;
  std::unique_ptr<LedgerWriter> ledger;
  std::unique_ptr<ShardWriter> shard;  // Null: the next commit makes one.
  int next_shard = 0;
  // Sentences for a person: what was wrong and is mended now, and what is not.
  std::vector<std::string> mended;
  std::vector<std::string> problems;
};

// False for a file of a shard's name that must not be written over: a crash
// before a shard's first commit leaves an empty file or the start of a first
// sample of that shard; anything else came from elsewhere.
bool IsUncommittedShard(const std::filesystem::path& path);

// Brings the directory of a store to its last commit, making what is absent.
// Nothing that the ledger calls committed is ever cut. Behind the last
// watermark nothing was acknowledged, and it is cut off; only where the
// ledger's end is damaged, or it is gone or empty, could a watermark be
// what is missing: there whole samples are committed anew instead.
// kFailedPrecondition: there is a file `ledger` that is none, and no shard that
// it could have spoken of; it is left as it is.
// REQUIRES: the caller holds the store's lock.
absl::StatusOr<RecoveredLog> RecoverLog(const std::filesystem::path& store);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_LOG_RECOVERY_H_
