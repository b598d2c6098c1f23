#ifndef VERSO_SHARDSTORE_RECORD_STORAGE_H_
#define VERSO_SHARDSTORE_RECORD_STORAGE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "proto/ledger.pb.h"
#include "proto/record.pb.h"
#include "shardstore/ledger.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_store.h"
#include "shardstore/store_stats.h"

namespace verso {

struct RecordStorageOptions {
  // A shard is sealed by the first commit that finds it at least this long.
  int64_t max_shard_bytes = kDefaultMaxShardBytes;
  bool rebuild_index = false;  // kWrite: throws the index away first.
};

// The records of one directory: shards, ledger and index. Thread-safe.
class RecordStorage {
 public:
  virtual ~RecordStorage() = default;

  // kWrite makes the directory when it is absent, takes its lock, cuts what
  // was never acknowledged and rolls the index forward; an index that cannot
  // be trusted is rebuilt, which one line on stderr says. kRead writes nothing
  // and sees what was committed when it was opened; it has no index, so each
  // query reads the shards.
  // kFailedPrecondition: another process writes here (the lock is named).
  // kNotFound: kRead of a directory without a store.
  // kDataLoss: kRead of shards without their ledger (kWrite makes it anew).
  // A shard that is shorter than its ledger says is named on stderr; its lost
  // records are kDataLoss when read, all others go on being served.
  static absl::StatusOr<std::unique_ptr<RecordStorage>> Open(
      const std::filesystem::path& dir, StoreAccess access,
      const RecordStorageOptions& options = {});

  // As ShardStore::Append(). Calls that come together share their two syncs.
  // kInvalidArgument also for an unknown label, text that is not UTF-8 and a
  // number that is not finite; the record's place in the call is named.
  // kResourceExhausted: nothing is acknowledged or kept; goes on working once
  // there is space. kInternal: a sync failed; the store takes no more records
  // until it is opened again.
  virtual absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) = 0;

  // As ShardStore::Judge().
  virtual absl::Status Judge(absl::Span<const Judgement> judgements) = 0;

  // As ShardStore::Query(). The storage must outlive the reader.
  virtual absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) = 0;

  // Durable when it returns; errors as Append(). Its time is set when it is 0.
  // No judgement: see Judge().
  virtual absl::Status AddLedgerEntry(const LedgerEntry& entry) = 0;

  // As ShardStore: one commit, and a walk over the whole ledger.
  virtual absl::Status AddLinks(absl::Span<const WorkLink> links) = 0;
  virtual absl::StatusOr<std::vector<WorkLink>> ReadLinks() = 0;

  // Reads what is known of every record, quarantined ones too.
  absl::StatusOr<StoreStats> Stats();

  // What the ledger says as of now.
  virtual LedgerSummary Ledger() = 0;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_STORAGE_H_
