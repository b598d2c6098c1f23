#include "ingest/frontier/frontier_server.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/rpc_server.h"
#include "common/rpc/rpc_status.h"
#include "proto/frontier_service.grpc.pb.h"

namespace verso {
namespace {

template <typename Response>
grpc::Status Answer(absl::StatusOr<Response> result, Response* response) {
  if (!result.ok()) return ToGrpcStatus(result.status());
  *response = *std::move(result);
  return grpc::Status::OK;
}

}  // namespace

// Thread-safe.
class FrontierServiceImpl final : public FrontierService::Service {
 public:
  explicit FrontierServiceImpl(Frontier* frontier) : frontier_(frontier) {}

  grpc::Status OpenSession(grpc::ServerContext*,
                           const OpenSessionRequest* request,
                           OpenSessionResponse* response) override {
    return Answer(frontier_->OpenSession(*request), response);
  }
  grpc::Status KeepAlive(grpc::ServerContext*, const SessionRequest* request,
                         SessionResponse* response) override {
    return Answer(frontier_->KeepAlive(*request), response);
  }
  grpc::Status CloseSession(grpc::ServerContext*, const SessionRequest* request,
                            SessionResponse* response) override {
    return Answer(frontier_->CloseSession(*request), response);
  }
  grpc::Status AddItems(grpc::ServerContext*, const AddItemsRequest* request,
                        AddItemsResponse* response) override {
    return Answer(frontier_->AddItems(*request), response);
  }
  grpc::Status Lease(grpc::ServerContext*, const LeaseRequest* request,
                     LeaseResponse* response) override {
    return Answer(frontier_->Lease(*request), response);
  }
  grpc::Status Settle(grpc::ServerContext*, const SettleRequest* request,
                      SettleResponse* response) override {
    return Answer(frontier_->Settle(*request), response);
  }
  grpc::Status MarkItems(grpc::ServerContext*, const MarkItemsRequest* request,
                         MarkItemsResponse* response) override {
    return Answer(frontier_->MarkItems(*request), response);
  }
  grpc::Status FindFinished(grpc::ServerContext*,
                            const FindFinishedRequest* request,
                            FindFinishedResponse* response) override {
    return Answer(frontier_->FindFinished(*request), response);
  }
  grpc::Status PutNotes(grpc::ServerContext*, const PutNotesRequest* request,
                        PutNotesResponse* response) override {
    return Answer(frontier_->PutNotes(*request), response);
  }
  grpc::Status FindNote(grpc::ServerContext*, const FindNoteRequest* request,
                        FindNoteResponse* response) override {
    return Answer(frontier_->FindNote(*request), response);
  }
  grpc::Status ReserveStart(grpc::ServerContext*,
                            const ReserveStartRequest* request,
                            ReserveStartResponse* response) override {
    return Answer(frontier_->ReserveStart(*request), response);
  }
  grpc::Status LimitHost(grpc::ServerContext*, const LimitHostRequest* request,
                         LimitHostResponse* response) override {
    return Answer(frontier_->LimitHost(*request), response);
  }
  grpc::Status Requeue(grpc::ServerContext*, const RequeueRequest* request,
                       RequeueResponse* response) override {
    return Answer(frontier_->Requeue(*request), response);
  }
  grpc::Status GetStatus(grpc::ServerContext*, const StatusRequest* request,
                         StatusResponse* response) override {
    return Answer(frontier_->GetStatus(*request), response);
  }

 private:
  Frontier* const frontier_;
};

FrontierServer::FrontierServer(std::unique_ptr<FrontierServiceImpl> service,
                               std::unique_ptr<RpcServer> server)
    : service_(std::move(service)), server_(std::move(server)) {}

FrontierServer::~FrontierServer() { server_->Stop(); }

absl::StatusOr<std::unique_ptr<FrontierServer>> FrontierServer::Start(
    Frontier* frontier, absl::string_view listen) {
  auto service = std::make_unique<FrontierServiceImpl>(frontier);
  ASSIGN_OR_RETURN(std::unique_ptr<RpcServer> server,
                   RpcServer::Start(service.get(), listen));
  return std::unique_ptr<FrontierServer>(
      new FrontierServer(std::move(service), std::move(server)));
}

int FrontierServer::port() const { return server_->port(); }

const std::string& FrontierServer::address() const {
  return server_->address();
}

absl::Status ServeFrontier(Frontier& frontier, absl::string_view listen,
                           const std::filesystem::path& port_file) {
  ASSIGN_OR_RETURN(const std::unique_ptr<FrontierServer> server,
                   FrontierServer::Start(&frontier, listen));
  return AnnounceAndAwaitStop("the frontier", server->address(), server->port(),
                              port_file);
}

}  // namespace verso
