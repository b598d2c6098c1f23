#ifndef VERSO_INGEST_FRONTIER_FRONTIER_SESSION_H_
#define VERSO_INGEST_FRONTIER_FRONTIER_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "ingest/frontier/frontier.h"

namespace verso {

// Why an item is not done, for people (UTF-8), and when it may be tried again.
struct Setback {
  std::string reason;
  std::string detail = {};
  absl::Duration retry_in = absl::ZeroDuration();
};

// What a server says of an item's bytes (UTF-8): sent back when they are asked
// for again.
struct Validators {
  std::string etag;
  std::string last_modified;
};

// One process's work with a frontier: it holds leases, which go back when the
// session is destroyed, and keeps the session alive by a thread of its own. A
// session that the frontier has ended (this process was stopped for too long)
// is replaced by another one. Errors as Frontier's. Thread-safe.
class FrontierSession {
 public:
  // `frontier` is borrowed. `worker`: for people, host and process.
  static absl::StatusOr<std::unique_ptr<FrontierSession>> Open(
      Frontier* frontier, std::string worker);
  ~FrontierSession();

  // Says how many were never seen before. Sent in parts: a part may be added
  // when another one fails.
  absl::StatusOr<int64_t> Add(absl::Span<const WorkItem> items);

  // `request.session` is set here.
  absl::StatusOr<LeaseResponse> Lease(LeaseRequest request);

  // What became of a leased item. `delta` is added to its source's counts.
  absl::Status Complete(const WorkItem& item, const SourceCounts& delta,
                        const Validators& validators = {});
  absl::Status Fail(const WorkItem& item, const Setback& why,
                    const SourceCounts& delta);
  absl::Status Retry(const WorkItem& item, const Setback& why);
  absl::Status Defer(const WorkItem& item, const Setback& why);

  // Marks the ids of an archive's members as done.
  absl::Status MarkDone(const std::string& source,
                        absl::Span<const std::string> ids,
                        const SourceCounts& delta);
  // False when the id was seen before.
  absl::StatusOr<bool> MarkRefused(const std::string& source,
                                   absl::string_view id,
                                   absl::string_view reason);
  // One per id: done or refused.
  absl::StatusOr<std::vector<bool>> FindFinished(
      const std::string& source, absl::Span<const std::string> ids);

  absl::Status PutNotes(const std::string& scope, std::vector<Note> notes);
  absl::StatusOr<std::optional<std::string>> FindNote(const std::string& scope,
                                                      absl::string_view key);

  absl::StatusOr<ReserveStartResponse> ReserveStart(
      const std::string& authority, absl::Duration interval);
  absl::Status SetCrawlDelay(const std::string& authority,
                             absl::Duration delay);
  absl::Status CloseHost(const std::string& authority, absl::Duration time);

  // Queues again what was done longer ago than `age`; says how many.
  absl::StatusOr<int64_t> Requeue(const std::string& source,
                                  absl::Duration age);

  // Zero for a source that was never seen.
  absl::StatusOr<SourceStatus> StatusOf(const std::string& source);

 private:
  FrontierSession(Frontier* frontier, std::string worker)
      : frontier_(frontier), worker_(std::move(worker)) {}
  absl::Status OpenAnother() ABSL_LOCKS_EXCLUDED(mu_);
  std::string session() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::Duration KeepAlivePause() const ABSL_LOCKS_EXCLUDED(mu_);
  void StayAlive();
  absl::Status Settle(const WorkItem& item, SettleRequest request);

  Frontier* const frontier_;
  const std::string worker_;
  mutable absl::Mutex mu_;
  std::string session_ ABSL_GUARDED_BY(mu_);
  absl::Duration lifetime_ ABSL_GUARDED_BY(mu_);  // Of silence.
  absl::Notification ended_;
  std::thread alive_;
};

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_FRONTIER_SESSION_H_
