#ifndef VERSO_INGEST_FRONTIER_REMOTE_FRONTIER_H_
#define VERSO_INGEST_FRONTIER_REMOTE_FRONTIER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/rpc_status.h"
#include "ingest/frontier/frontier.h"
#include "proto/frontier_service.grpc.pb.h"

namespace verso {

struct RemoteFrontierOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  // How long a call goes on while the server is away: it may be restarting.
  absl::Duration patience = absl::Minutes(2);
};

// A frontier that a server has. KeepAlive() and CloseSession() do not wait for
// a server that is away: the one is repeated anyway, the other not needed.
// Thread-safe.
class RemoteFrontier : public Frontier {
 public:
  // `address`: "host:port" or "unix:/path". kUnavailable: nobody answers.
  static absl::StatusOr<std::unique_ptr<RemoteFrontier>> Connect(
      absl::string_view address, const RemoteFrontierOptions& options = {});

  absl::StatusOr<OpenSessionResponse> OpenSession(
      const OpenSessionRequest& request) override;
  absl::StatusOr<SessionResponse> KeepAlive(
      const SessionRequest& request) override;
  absl::StatusOr<SessionResponse> CloseSession(
      const SessionRequest& request) override;
  absl::StatusOr<AddItemsResponse> AddItems(
      const AddItemsRequest& request) override;
  absl::StatusOr<LeaseResponse> Lease(const LeaseRequest& request) override;
  absl::StatusOr<SettleResponse> Settle(const SettleRequest& request) override;
  absl::StatusOr<MarkItemsResponse> MarkItems(
      const MarkItemsRequest& request) override;
  absl::StatusOr<FindFinishedResponse> FindFinished(
      const FindFinishedRequest& request) override;
  absl::StatusOr<PutNotesResponse> PutNotes(
      const PutNotesRequest& request) override;
  absl::StatusOr<FindNoteResponse> FindNote(
      const FindNoteRequest& request) override;
  absl::StatusOr<ReserveStartResponse> ReserveStart(
      const ReserveStartRequest& request) override;
  absl::StatusOr<LimitHostResponse> LimitHost(
      const LimitHostRequest& request) override;
  absl::StatusOr<RequeueResponse> Requeue(
      const RequeueRequest& request) override;
  absl::StatusOr<StatusResponse> GetStatus(
      const StatusRequest& request) override;

 private:
  RemoteFrontier(RpcPeer peer, const RemoteFrontierOptions& options,
                 std::unique_ptr<FrontierService::Stub> stub);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (FrontierService::Stub::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
      const Request& request, absl::Duration patience);

  const RpcPeer peer_;
  const RemoteFrontierOptions options_;
  const std::unique_ptr<FrontierService::Stub> stub_;
};

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_REMOTE_FRONTIER_H_
