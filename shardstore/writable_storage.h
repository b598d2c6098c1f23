#ifndef VERSO_SHARDSTORE_WRITABLE_STORAGE_H_
#define VERSO_SHARDSTORE_WRITABLE_STORAGE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "shardstore/record_codec.h"
#include "shardstore/record_index.h"
#include "shardstore/record_log.h"
#include "shardstore/record_storage.h"
#include "shardstore/store_directory.h"

namespace verso {

// RecordStorage of the one process that writes. Calls of Append() queue up;
// the first in the queue commits for all that wait behind it, with one sync of
// the shard and one of the ledger. Thread-safe.
class WritableStorage : public RecordStorage {
 public:
  static absl::StatusOr<std::unique_ptr<WritableStorage>> Open(
      const std::filesystem::path& dir, const RecordStorageOptions& options);

  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Judge(absl::Span<const Judgement> judgements) override
      ABSL_LOCKS_EXCLUDED(commit_mu_);
  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) override ABSL_LOCKS_EXCLUDED(commit_mu_);
  absl::Status AddLedgerEntry(const LedgerEntry& entry) override
      ABSL_LOCKS_EXCLUDED(commit_mu_);
  absl::Status AddLinks(absl::Span<const WorkLink> links) override
      ABSL_LOCKS_EXCLUDED(commit_mu_);
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override;
  LedgerSummary Ledger() override ABSL_LOCKS_EXCLUDED(commit_mu_);

 private:
  // One waiting call of Append().
  struct Call {
    std::vector<EncodedRecord> records;
    int64_t image_bytes = 0;
    std::vector<AppendedRecord> outcomes;
    absl::Status status;
    bool done = false;
  };
  struct Group;  // What one commit writes.

  WritableStorage(const std::filesystem::path& dir, StoreLock lock,
                  RecordLog log, std::unique_ptr<RecordIndex> index);

  bool IsDoneOrFirst(const Call* call) const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return call->done || queue_.front() == call;
  }
  std::vector<Call*> TakeGroup() const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  absl::Status Commit(absl::Span<Call* const> calls)
      ABSL_LOCKS_EXCLUDED(commit_mu_);
  bool IsWhole(const std::string& id) const;
  absl::Status Plan(Call& call, Group& group)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mu_);
  absl::StatusOr<AppendedRecord> PlanNew(const EncodedRecord& record,
                                         Group& group);
  absl::StatusOr<AppendedRecord> PlanSighting(const EncodedRecord& record,
                                              const Provenance& stored,
                                              Group& group);
  void AddToIndex(absl::Span<const IndexedRecord> rows,
                  absl::Span<const Judgement> judgements,
                  const Commitment& commitment)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mu_);
  absl::Status CatchUpIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mu_);

  const std::filesystem::path dir_;
  const StoreLock lock_;
  const std::unique_ptr<RecordIndex> index_;

  absl::Mutex mu_;
  std::deque<Call*> queue_ ABSL_GUARDED_BY(mu_);  // Of waiting threads.

  absl::Mutex commit_mu_;
  RecordLog log_ ABSL_GUARDED_BY(commit_mu_);
  // The index could not be written (its disk was full): it lacks committed
  // records until it is caught up.
  std::atomic<bool> index_is_behind_{false};
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_WRITABLE_STORAGE_H_
