#ifndef VERSO_INGEST_FRONTIER_H_
#define VERSO_INGEST_FRONTIER_H_

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/kv/kv.h"
#include "proto/frontier.pb.h"

namespace verso {

// An item that was handed out, and how often it was tried before in this run.
struct LeasedItem {
  WorkItem item;
  int tries = 0;
};

// All work items ever seen and what became of them, in one directory, so that
// nothing is fetched twice. Leases live in memory: what was leased when the
// process died is queued again. Pictures are handed out before listings, in an
// order that looks random (the first ones are a sample of all), listings in
// the order added. Survives a kill at any point; a crash of the machine may
// bring back the last items. Thread-safe.
//
// Rows: "i/<source>/<id>" -> FrontierEntry, "q/<source>/<0|1>/<order>" -> id,
// "n/<source>/<key>" -> Provenance (a note), "c/<source>" -> SourceCounts,
// "r/<host:port>" -> RobotsFile.
class Frontier {
 public:
  // Made when absent. kFailedPrecondition: another process has it.
  static absl::StatusOr<std::unique_ptr<Frontier>> Open(
      const std::filesystem::path& dir);

  // Queues those never seen before, in one step; says how many.
  absl::StatusOr<int> Add(absl::Span<const WorkItem> items)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The next item of `source` to try at `now`. nullopt: none; some may be
  // leased or wait for a retry.
  absl::StatusOr<std::optional<LeasedItem>> Lease(const std::string& source,
                                                  absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);

  // When the first retry is due; InfiniteFuture when none waits.
  absl::Time NextRetry(const std::string& source) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // A leased item is done for good. `delta` is added to the source's counts;
  // its `queued` is ignored.
  absl::Status Complete(const WorkItem& item, const SourceCounts& delta)
      ABSL_LOCKS_EXCLUDED(mu_);
  // A leased item is refused for good.
  absl::Status Fail(const WorkItem& item, absl::string_view reason,
                    absl::string_view detail, const SourceCounts& delta)
      ABSL_LOCKS_EXCLUDED(mu_);
  // A leased item is queued again, not before `retry_at`.
  absl::Status Retry(const WorkItem& item, absl::string_view reason,
                     absl::string_view detail, absl::Time retry_at)
      ABSL_LOCKS_EXCLUDED(mu_);
  // As Retry(), but this process does not try it again; the next one does.
  absl::Status Defer(const WorkItem& item, absl::string_view reason,
                     absl::string_view detail, absl::Time retry_at)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Marks the ids of an archive's members, which were never queued, as done.
  absl::Status MarkDone(const std::string& source,
                        absl::Span<const std::string> ids,
                        const SourceCounts& delta) ABSL_LOCKS_EXCLUDED(mu_);
  // Marks an id that was never queued as refused; false when it was seen
  // before.
  absl::StatusOr<bool> MarkRefused(const std::string& source,
                                   absl::string_view id,
                                   absl::string_view reason)
      ABSL_LOCKS_EXCLUDED(mu_);
  // True for ids that are done or refused.
  absl::StatusOr<bool> IsDone(const std::string& source,
                              absl::string_view id) const;

  absl::Status AddNote(const std::string& source, absl::string_view key,
                       const Provenance& note);
  absl::StatusOr<std::optional<Provenance>> FindNote(
      const std::string& source, absl::string_view key) const;

  // By "host:port".
  absl::Status PutRobots(absl::string_view authority, const RobotsFile& file);
  absl::StatusOr<std::optional<RobotsFile>> FindRobots(
      absl::string_view authority) const;

  SourceCounts Counts(const std::string& source) const ABSL_LOCKS_EXCLUDED(mu_);
  // Counts of every source ever seen, by name.
  std::map<std::string, SourceCounts> AllCounts() const
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  static constexpr int kPriorities = 2;  // Pictures, listings.

  // What this process knows of a source's queue.
  struct Queue {
    std::deque<WorkItem> ready[kPriorities];
    bool may_have_more[kPriorities] = {true, true};  // On disk.
    std::multimap<absl::Time, WorkItem> delayed;
    std::map<std::string, std::string> taken;  // id -> queue key; not on offer.
    std::map<std::string, int> tries;
    SourceCounts counts;
  };

  explicit Frontier(std::unique_ptr<KvStore> kv) : kv_(std::move(kv)) {}
  absl::Status LoadCounts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Refill(const std::string& source, int priority, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status PutBack(const WorkItem& item, absl::string_view reason,
                       absl::string_view detail, absl::Time retry_at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Finish(const WorkItem& item, const FrontierEntry& entry,
                      const SourceCounts& delta)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::unique_ptr<KvStore> kv_;
  mutable absl::Mutex mu_;
  std::map<std::string, Queue> queues_ ABSL_GUARDED_BY(mu_);
  int64_t last_order_ ABSL_GUARDED_BY(mu_) = 0;  // Of listings.
};

// Adds `delta`'s sums (not `queued`) to `counts`.
void AddCounts(const SourceCounts& delta, SourceCounts& counts);

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_H_
