#include "ingest/frontier/remote_frontier.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/rpc_channel.h"

namespace verso {
namespace {

// One try. The longest call (Requeue of millions of items) takes seconds.
constexpr auto kCallTimeout = std::chrono::seconds(20);
constexpr absl::Duration kPause = absl::Milliseconds(200);

}  // namespace

RemoteFrontier::RemoteFrontier(RpcPeer peer,
                               const RemoteFrontierOptions& options,
                               std::unique_ptr<FrontierService::Stub> stub)
    : peer_(std::move(peer)), options_(options), stub_(std::move(stub)) {}

absl::StatusOr<std::unique_ptr<RemoteFrontier>> RemoteFrontier::Connect(
    absl::string_view address, const RemoteFrontierOptions& options) {
  RpcPeer peer{.name = "the frontier",
               .address = std::string(address),
               .start = "bazel run //ingest -- frontier"};
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   ConnectRpc(peer, options.connect_timeout));
  return std::unique_ptr<RemoteFrontier>(new RemoteFrontier(
      std::move(peer), options, FrontierService::NewStub(channel)));
}

// Every call may be repeated, so that a frontier that is restarted is not
// noticed by its workers.
template <typename Request, typename Response>
absl::StatusOr<Response> RemoteFrontier::Call(
    grpc::Status (FrontierService::Stub::*method)(grpc::ClientContext*,
                                                  const Request&, Response*),
    const Request& request, absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  for (bool first = true;; first = false) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    Response response;
    const absl::Status status = FromGrpcStatus(
        (stub_.get()->*method)(&context, request, &response), peer_);
    if (status.ok()) return response;
    if (!absl::IsUnavailable(status) || absl::Now() >= give_up) return status;
    if (first) {
      absl::FPrintF(stderr, "%s %s does not answer: waiting for it\n",
                    peer_.name, peer_.address);
    }
    if (WaitForStop(kPause)) return CheckNotStopped();
  }
}

absl::StatusOr<OpenSessionResponse> RemoteFrontier::OpenSession(
    const OpenSessionRequest& request) {
  return Call(&FrontierService::Stub::OpenSession, request, options_.patience);
}

absl::StatusOr<SessionResponse> RemoteFrontier::KeepAlive(
    const SessionRequest& request) {
  return Call(&FrontierService::Stub::KeepAlive, request, absl::ZeroDuration());
}

absl::StatusOr<SessionResponse> RemoteFrontier::CloseSession(
    const SessionRequest& request) {
  return Call(&FrontierService::Stub::CloseSession, request,
              absl::ZeroDuration());
}

absl::StatusOr<AddItemsResponse> RemoteFrontier::AddItems(
    const AddItemsRequest& request) {
  return Call(&FrontierService::Stub::AddItems, request, options_.patience);
}

absl::StatusOr<LeaseResponse> RemoteFrontier::Lease(
    const LeaseRequest& request) {
  return Call(&FrontierService::Stub::Lease, request, options_.patience);
}

absl::StatusOr<SettleResponse> RemoteFrontier::Settle(
    const SettleRequest& request) {
  return Call(&FrontierService::Stub::Settle, request, options_.patience);
}

absl::StatusOr<MarkItemsResponse> RemoteFrontier::MarkItems(
    const MarkItemsRequest& request) {
  return Call(&FrontierService::Stub::MarkItems, request, options_.patience);
}

absl::StatusOr<FindFinishedResponse> RemoteFrontier::FindFinished(
    const FindFinishedRequest& request) {
  return Call(&FrontierService::Stub::FindFinished, request, options_.patience);
}

absl::StatusOr<PutNotesResponse> RemoteFrontier::PutNotes(
    const PutNotesRequest& request) {
  return Call(&FrontierService::Stub::PutNotes, request, options_.patience);
}

absl::StatusOr<FindNoteResponse> RemoteFrontier::FindNote(
    const FindNoteRequest& request) {
  return Call(&FrontierService::Stub::FindNote, request, options_.patience);
}

absl::StatusOr<ReserveStartResponse> RemoteFrontier::ReserveStart(
    const ReserveStartRequest& request) {
  return Call(&FrontierService::Stub::ReserveStart, request, options_.patience);
}

absl::StatusOr<LimitHostResponse> RemoteFrontier::LimitHost(
    const LimitHostRequest& request) {
  return Call(&FrontierService::Stub::LimitHost, request, options_.patience);
}

absl::StatusOr<RequeueResponse> RemoteFrontier::Requeue(
    const RequeueRequest& request) {
  return Call(&FrontierService::Stub::Requeue, request, options_.patience);
}

absl::StatusOr<StatusResponse> RemoteFrontier::GetStatus(
    const StatusRequest& request) {
  return Call(&FrontierService::Stub::GetStatus, request, options_.patience);
}

}  // namespace verso
