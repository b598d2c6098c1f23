#ifndef VERSO_INGEST_FRONTIER_FRONTIER_H_
#define VERSO_INGEST_FRONTIER_FRONTIER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/frontier_service.pb.h"

namespace verso {

// All work items ever seen and what became of them, so that nothing is fetched
// twice, and when each host may be asked next, whoever asks. A directory or a
// server, one interface (proto/frontier_service.proto, call for call); most
// callers want a FrontierSession, which has names for what they do.
//
// Pictures are leased before listings, in an order that looks random (the first
// ones are a sample of all), listings in the order added. A lease lasts as long
// as its session: when that ends or is silent for its lifetime, its items are
// queued again. The first who settles an item as done or refused is believed,
// also when its lease was lost meanwhile; what comes later is ignored. Survives
// a kill at any point with leases and sessions; a crash of the machine may
// bring back the last items. Thread-safe.
//
// All calls: kUnavailable when a server is away (RemoteFrontier waits for it
// first), kDataLoss when the frontier's rows are damaged, kResourceExhausted
// when its disk is full, kInvalidArgument for a request without what it needs.
class Frontier {
 public:
  virtual ~Frontier() = default;

  // What older sessions have deferred is on offer again.
  virtual absl::StatusOr<OpenSessionResponse> OpenSession(
      const OpenSessionRequest& request) = 0;
  // kNotFound: the session has ended; its leases are gone.
  virtual absl::StatusOr<SessionResponse> KeepAlive(
      const SessionRequest& request) = 0;
  // Its leases go back; OK also when it has ended already.
  virtual absl::StatusOr<SessionResponse> CloseSession(
      const SessionRequest& request) = 0;

  // Queues those never seen before, in one step.
  virtual absl::StatusOr<AddItemsResponse> AddItems(
      const AddItemsRequest& request) = 0;

  // kNotFound: the session has ended.
  virtual absl::StatusOr<LeaseResponse> Lease(const LeaseRequest& request) = 0;

  // kNotFound: no such item was ever added.
  virtual absl::StatusOr<SettleResponse> Settle(
      const SettleRequest& request) = 0;

  // Marks ids that were never queued: members of an archive, what a scraper
  // leaves out.
  virtual absl::StatusOr<MarkItemsResponse> MarkItems(
      const MarkItemsRequest& request) = 0;
  virtual absl::StatusOr<FindFinishedResponse> FindFinished(
      const FindFinishedRequest& request) = 0;

  // Facts that other items will need; they outlive the run.
  virtual absl::StatusOr<PutNotesResponse> PutNotes(
      const PutNotesRequest& request) = 0;
  virtual absl::StatusOr<FindNoteResponse> FindNote(
      const FindNoteRequest& request) = 0;

  // The next free start of a request to a host.
  virtual absl::StatusOr<ReserveStartResponse> ReserveStart(
      const ReserveStartRequest& request) = 0;
  virtual absl::StatusOr<LimitHostResponse> LimitHost(
      const LimitHostRequest& request) = 0;

  // Queues finished items again, to be fetched if they have changed; not what
  // is generated for us.
  virtual absl::StatusOr<RequeueResponse> Requeue(
      const RequeueRequest& request) = 0;

  virtual absl::StatusOr<StatusResponse> GetStatus(
      const StatusRequest& request) = 0;
};

// `location`: a directory ("/dir", "dir"; made when it is absent; one process a
// directory) or a server ("host:port", "unix:/path").
// kFailedPrecondition: another process has the directory. kUnavailable: no
// server answers there within 10 s.
absl::StatusOr<std::unique_ptr<Frontier>> OpenFrontier(
    absl::string_view location);

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_FRONTIER_H_
