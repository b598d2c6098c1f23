#ifndef VERSO_SHARDSTORE_RECORD_LOG_H_
#define VERSO_SHARDSTORE_RECORD_LOG_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "proto/ledger.pb.h"
#include "shardstore/ledger.h"
#include "shardstore/log_recovery.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_reader.h"
#include "shardstore/shard_writer.h"

namespace verso {

// What Commit() wrote.
struct Commitment {
  int shard_number = 0;
  std::vector<SampleExtent> extents;  // One for each sample, in order.
  Watermark watermark;                // Not set when there was no sample.
  int64_t ledger_end = 0;             // Bytes of the ledger with the entries.
};

// The shards and the ledger of a store: the truth. Not thread-safe.
class RecordLog {
 public:
  // Goes on from a recovered log. A shard of at least `max_shard_bytes` is
  // sealed before the next sample, so that one commit lies in one shard.
  RecordLog(const std::filesystem::path& store, RecoveredLog recovered,
            int64_t max_shard_bytes);

  // Makes samples and entries durable: first the shard, then the ledger with
  // the entries and a watermark behind them. All or nothing.
  // kResourceExhausted: the disk is full; what was written is taken back.
  // kInternal: a sync failed, or taking back did; from then on every call
  //   fails with the same words.
  absl::StatusOr<Commitment> Commit(absl::Span<const SampleContent> samples,
                                    absl::Span<const LedgerEntry> entries);

  const LedgerSummary& summary() const { return summary_; }

 private:
  absl::StatusOr<Commitment> Write(absl::Span<const SampleContent> samples,
                                   absl::Span<const LedgerEntry> entries);
  absl::Status WriteSamples(absl::Span<const SampleContent> samples,
                            Commitment& commitment);
  absl::Status WriteEntries(absl::Span<const LedgerEntry> entries);
  absl::Status EnsureShard();
  absl::Status SealShard();
  void TakeBack();
  absl::Status Break(const absl::Status& cause);

  const std::filesystem::path store_;
  const int64_t max_shard_bytes_;
  LedgerSummary summary_;
  std::unique_ptr<LedgerWriter> ledger_;
  std::unique_ptr<ShardWriter> shard_;  // Null: the next sample makes one.
  int next_shard_;
  absl::Status broken_;  // Why nothing can be written any more.
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_LOG_H_
