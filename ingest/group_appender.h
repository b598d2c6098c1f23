#ifndef VERSO_INGEST_GROUP_APPENDER_H_
#define VERSO_INGEST_GROUP_APPENDER_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/record.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

// Joins the appends of many threads: whoever finds nobody at work appends for
// all who wait, so that one commit serves them. Thread-safe.
class GroupAppender {
 public:
  // `store` is not owned and must outlive the appender. While it is away
  // (kUnavailable) an append is tried again for `patience`: it may be
  // restarting, and what it stores twice becomes a sighting.
  explicit GroupAppender(ShardStore* store,
                         absl::Duration patience = absl::Minutes(2))
      : store_(store), patience_(patience) {}

  // Durable when it returns; an outcome per record, in order. Errors as
  // ShardStore::Append(), for all who waited together.
  absl::StatusOr<std::vector<AppendedRecord>> Append(
      std::vector<Record> records) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // One caller's records, and its results once `done`.
  struct Waiter {
    std::vector<Record> records;
    absl::StatusOr<std::vector<AppendedRecord>> result;
    bool done = false;
  };

  std::vector<Waiter*> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void AppendGroup(const std::vector<Waiter*>& group) ABSL_LOCKS_EXCLUDED(mu_);

  absl::StatusOr<std::vector<AppendedRecord>> AppendPatiently(
      const std::vector<Record>& records);

  ShardStore* const store_;
  const absl::Duration patience_;
  absl::Mutex mu_;
  std::vector<Waiter*> waiting_ ABSL_GUARDED_BY(mu_);
  bool busy_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace verso

#endif  // VERSO_INGEST_GROUP_APPENDER_H_
