#ifndef VERSO_INGEST_FRONTIER_LOCAL_FRONTIER_H_
#define VERSO_INGEST_FRONTIER_LOCAL_FRONTIER_H_

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/kv/kv.h"
#include "ingest/frontier/frontier.h"
#include "ingest/frontier/host_limiter.h"
#include "ingest/frontier/source_queue.h"

namespace verso {

struct LocalFrontierOptions {
  // How long a session that gives no sign of life keeps its leases. Infinite:
  // sessions are of this process and end with it; else they outlive it.
  absl::Duration session_lifetime = absl::InfiniteDuration();
  std::function<absl::Time()> now = absl::Now;  // Tests have their own.
};

// A frontier in one directory (its rows: frontier_rows.h). Thread-safe.
class LocalFrontier : public Frontier {
 public:
  // Made when absent. kFailedPrecondition: another process has it, it was
  // written by another version, or it holds something else.
  static absl::StatusOr<std::unique_ptr<LocalFrontier>> Open(
      const std::filesystem::path& dir, LocalFrontierOptions options = {});

  absl::StatusOr<OpenSessionResponse> OpenSession(
      const OpenSessionRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<SessionResponse> KeepAlive(
      const SessionRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<SessionResponse> CloseSession(
      const SessionRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<AddItemsResponse> AddItems(
      const AddItemsRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<LeaseResponse> Lease(const LeaseRequest& request) override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<SettleResponse> Settle(const SettleRequest& request) override
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<MarkItemsResponse> MarkItems(
      const MarkItemsRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<FindFinishedResponse> FindFinished(
      const FindFinishedRequest& request) override;
  absl::StatusOr<PutNotesResponse> PutNotes(
      const PutNotesRequest& request) override;
  absl::StatusOr<FindNoteResponse> FindNote(
      const FindNoteRequest& request) override;
  absl::StatusOr<ReserveStartResponse> ReserveStart(
      const ReserveStartRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<LimitHostResponse> LimitHost(
      const LimitHostRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<RequeueResponse> Requeue(
      const RequeueRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<StatusResponse> GetStatus(
      const StatusRequest& request) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct SourceState {
    SourceQueue queue;
    SourceStatus status;  // Without `leased`.
  };

  LocalFrontier(std::unique_ptr<KvStore> kv, LocalFrontierOptions options);

  // Waits for no disk: a kill of the process loses nothing, and a crash of the
  // machine only fetches again what it forgot.
  absl::Status Write(const KvBatch& batch);
  absl::Status CheckFormat(const std::filesystem::path& dir);
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status LoadLeases() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status ExpireSessions() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // `died`: each of its items counts one more failure, since one of them may
  // be what killed it.
  absl::Status EndSession(const std::string& session, bool died)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CheckSession(const std::string& session)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::string NewQueueKey(const WorkItem& item)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Refill(const std::string& source, int priority)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status PutBack(const SettleRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Finish(const SettleRequest& request, FrontierEntry entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status RequeueBatch(std::vector<FrontierEntry> entries)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::unique_ptr<KvStore> kv_;
  const LocalFrontierOptions options_;
  absl::Mutex mu_;
  std::map<std::string, SourceState> sources_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, absl::Time> sessions_ ABSL_GUARDED_BY(mu_);  // Expiry.
  HostLimiter hosts_ ABSL_GUARDED_BY(mu_);
  int64_t last_order_ ABSL_GUARDED_BY(mu_) = 0;  // Of listings.
};

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_LOCAL_FRONTIER_H_
