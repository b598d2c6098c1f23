#ifndef VERSO_SHARDSTORE_RECORD_READERS_H_
#define VERSO_SHARDSTORE_RECORD_READERS_H_

#include <filesystem>
#include <memory>

#include "proto/record.pb.h"
#include "shardstore/judgement.h"
#include "shardstore/ledger.h"
#include "shardstore/record_index.h"
#include "shardstore/shard_store.h"

namespace verso {

// The records that `cursor` selects. Provenance alone comes from the index;
// when `query` asks for bytes both are read from the shard and checked.
std::unique_ptr<RecordReader> ReadByIndex(const std::filesystem::path& store,
                                          const RecordQuery& query,
                                          std::unique_ptr<IndexCursor> cursor);

// The records of `query` among what is committed, found by reading all
// shards, every byte checked; `judged` is what the ledger says of them.
std::unique_ptr<RecordReader> ReadByScan(const std::filesystem::path& store,
                                         const RecordQuery& query,
                                         const LedgerSummary& committed,
                                         JudgedRecords judged);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_READERS_H_
