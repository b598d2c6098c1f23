#ifndef VERSO_SHARDSTORE_INDEX_RECOVERY_H_
#define VERSO_SHARDSTORE_INDEX_RECOVERY_H_

#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shardstore/ledger.h"
#include "shardstore/record_index.h"

namespace verso {

enum class IndexStart {
  kKeep,     // Uses what is there if it can be trusted.
  kRebuild,  // Throws it away.
};

// The index of a store, brought to what `committed` says by reading the
// samples that it lacks. One that cannot be opened, or that is ahead of the
// ledger, is rebuilt; stderr says so. Damaged samples are left out and named
// there. REQUIRES: the caller holds the store's lock.
absl::StatusOr<std::unique_ptr<RecordIndex>> OpenIndex(
    const std::filesystem::path& store, const LedgerSummary& committed,
    IndexStart start);

// Adds the committed samples and judgements that the index lacks. kDataLoss:
// the index speaks of some that are not committed.
absl::Status RollForward(const std::filesystem::path& store,
                         const LedgerSummary& committed, RecordIndex& index);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_INDEX_RECOVERY_H_
