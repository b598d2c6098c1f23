#ifndef VERSO_TESTS_INGEST_FAKE_SHARD_STORE_H_
#define VERSO_TESTS_INGEST_FAKE_SHARD_STORE_H_

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/sha256.h"
#include "shardstore/shard_store.h"

namespace verso {

// A store in memory that takes records and finds them by source or by id.
// Thread-safe.
class FakeShardStore : public ShardStore {
 public:
  absl::StatusOr<std::vector<AppendedRecord>> Append(
      absl::Span<const Record> records) override {
    absl::MutexLock lock(&mu_);
    if (!failure_.ok() && failures_left_-- > 0) return failure_;
    ++appends_;
    std::vector<AppendedRecord> outcomes;
    for (const Record& record : records) {
      outcomes.push_back(AppendOne(record));
    }
    return outcomes;
  }

  absl::Status Judge(absl::Span<const Judgement>) override {
    return absl::UnimplementedError("fake");
  }

  absl::StatusOr<std::unique_ptr<RecordReader>> Query(
      const RecordQuery& query) override {
    absl::MutexLock lock(&mu_);
    std::vector<Record> found;
    for (const Record& record : records_) {
      if (Selects(query.source(), record.provenance().source()) &&
          Selects(query.record_id(), RecordIdOf(Sha256Hex(record.image())))) {
        found.push_back(record);
      }
    }
    return std::make_unique<Reader>(std::move(found));
  }

  absl::StatusOr<SnapshotInfo> CreateSnapshot(const DatasetRecipe&) override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<SnapshotInfo> GetSnapshot(absl::string_view) override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots() override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<std::vector<SampleRow>> ReadSampleTable(
      absl::string_view) override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<std::unique_ptr<SampleStream>> StreamSamples(
      const SampleStreamOptions&) override {
    return absl::UnimplementedError("fake");
  }
  absl::Status AddLinks(absl::Span<const WorkLink>) override {
    return absl::UnimplementedError("fake");
  }
  absl::StatusOr<std::vector<WorkLink>> ReadLinks() override {
    return absl::UnimplementedError("fake");
  }

  // So many Append() fail from now on.
  void Break(absl::Status failure,
             int times = std::numeric_limits<int>::max()) {
    absl::MutexLock lock(&mu_);
    failure_ = std::move(failure);
    failures_left_ = times;
  }
  void Clear() {
    absl::MutexLock lock(&mu_);
    records_.clear();
  }
  std::vector<Record> records() const {
    absl::MutexLock lock(&mu_);
    return records_;
  }
  int appends() const {
    absl::MutexLock lock(&mu_);
    return appends_;
  }

 private:
  class Reader : public RecordReader {
   public:
    explicit Reader(std::vector<Record> records)
        : records_(std::move(records)) {}
    absl::StatusOr<std::optional<Record>> Next() override {
      if (next_ == records_.size()) return std::nullopt;
      return records_[next_++];
    }

   private:
    const std::vector<Record> records_;
    size_t next_ = 0;
  };

  template <typename Values>
  static bool Selects(const Values& values, const std::string& value) {
    return values.empty() ||
           std::find(values.begin(), values.end(), value) != values.end();
  }

  AppendedRecord AppendOne(const Record& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    AppendedRecord outcome;
    outcome.set_record_id(RecordIdOf(Sha256Hex(record.image())));
    outcome.set_outcome(APPEND_OUTCOME_STORED);
    for (const Record& stored : records_) {
      if (stored.image() == record.image()) {
        outcome.set_outcome(APPEND_OUTCOME_DUPLICATE);
        return outcome;
      }
    }
    if (!record.provenance().quarantine().empty()) {
      outcome.set_outcome(APPEND_OUTCOME_QUARANTINED);
      outcome.set_reason(record.provenance().quarantine());
    }
    records_.push_back(record);
    return outcome;
  }

  mutable absl::Mutex mu_;
  std::vector<Record> records_ ABSL_GUARDED_BY(mu_);
  int failures_left_ = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  int appends_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace verso

#endif  // VERSO_TESTS_INGEST_FAKE_SHARD_STORE_H_
