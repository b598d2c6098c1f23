#include "shardstore/record_storage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/judgement.h"
#include "shardstore/near_duplicates/work_links.h"
#include "shardstore/record_query.h"
#include "shardstore/record_readers.h"
#include "shardstore/store_directory.h"
#include "shardstore/writable_storage.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

// RecordStorage of any process that does not write.
class ReadOnlyStorage : public RecordStorage {
 public:
  ReadOnlyStorage(const fs::path& dir, LedgerSummary committed,
                  JudgedRecords judged)
      : dir_(dir),
        committed_(std::move(committed)),
        judged_(std::move(judged)) {}

  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> /*records*/) override {
    return OpenedForReading();
  }
  absl::Status Judge(absl::Span<const Judgement> /*judgements*/) override {
    return OpenedForReading();
  }
  absl::Status AddLedgerEntry(const LedgerEntry& /*entry*/) override {
    return OpenedForReading();
  }
  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) override {
    RETURN_IF_ERROR(CheckQuery(query));
    return ReadByScan(dir_, query, committed_, judged_);
  }
  absl::Status AddLinks(absl::Span<const WorkLink> /*links*/) override {
    return OpenedForReading();
  }
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override {
    return ReadWorkLinks(LedgerPath(dir_));
  }
  LedgerSummary Ledger() override { return committed_; }

 private:
  absl::Status OpenedForReading() const {
    return absl::FailedPreconditionError(
        absl::StrCat("store ", dir_.string(), " was opened for reading only"));
  }

  const fs::path dir_;
  const LedgerSummary committed_;
  const JudgedRecords judged_;
};

absl::StatusOr<std::unique_ptr<RecordStorage>> OpenForReading(
    const fs::path& dir) {
  JudgedRecords judged;
  absl::StatusOr<LedgerSummary> committed =
      ReadLedger(LedgerPath(dir),
                 [&](const LedgerEntry& entry) { TakeIn(entry, judged); });
  if (!committed.ok() && !absl::IsNotFound(committed.status())) {
    return committed.status();
  }
  ASSIGN_OR_RETURN(const std::vector<int> shards, ListShardFiles(dir));
  if (committed.ok()) {
    const bool is_new = shards.empty() && committed->tail_bytes == 0;
    if (committed->entries > 0 || is_new) {
      return std::make_unique<ReadOnlyStorage>(dir, *std::move(committed),
                                               std::move(judged));
    }
  }
  if (shards.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no store in ", dir.string(),
        ": name another --store, or fill this one with bazel run //ingest -- "
        "run --contact=URL_OR_ADDRESS --store=",
        dir.string()));
  }
  return absl::DataLossError(absl::StrCat(
      "store ", dir.string(), " has ", shards.size(),
      " shards but no whole ledger: run bazel run //shardstore -- fsck "
      "--store=",
      dir.string()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordStorage>> RecordStorage::Open(
    const fs::path& dir, StoreAccess access,
    const RecordStorageOptions& options) {
  if (access == StoreAccess::kRead) return OpenForReading(dir);
  return WritableStorage::Open(dir, options);
}

absl::StatusOr<StoreStats> RecordStorage::Stats() {
  RecordQuery all;
  all.set_include_quarantined(true);
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader, Query(all));
  ASSIGN_OR_RETURN(StoreStats stats, CountRecords(*reader));
  const LedgerSummary ledger = Ledger();
  stats.sightings = ledger.sightings;
  stats.shards = static_cast<int64_t>(ledger.shards.size());
  for (const auto& [number, shard] : ledger.shards) {
    stats.shard_bytes += shard.end_offset;
  }
  return stats;
}

}  // namespace verso
