#include "shardstore/shard_server.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/rpc_server.h"
#include "shardstore/shard_service.h"

namespace verso {

ShardServer::ShardServer(std::unique_ptr<ShardServiceImpl> service,
                         std::unique_ptr<RpcServer> server)
    : service_(std::move(service)), server_(std::move(server)) {}

ShardServer::~ShardServer() { Stop(); }

absl::StatusOr<std::unique_ptr<ShardServer>> ShardServer::Start(
    ShardStore* store, absl::string_view listen) {
  auto service = std::make_unique<ShardServiceImpl>(store);
  ASSIGN_OR_RETURN(std::unique_ptr<RpcServer> server,
                   RpcServer::Start(service.get(), listen));
  return std::unique_ptr<ShardServer>(
      new ShardServer(std::move(service), std::move(server)));
}

int ShardServer::port() const { return server_->port(); }

const std::string& ShardServer::address() const { return server_->address(); }

void ShardServer::Stop() {
  service_->BeginShutdown();
  server_->Stop();
}

absl::Status ServeShards(ShardStore& store, absl::string_view listen,
                         const std::filesystem::path& port_file) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardServer> server,
                   ShardServer::Start(&store, listen));
  RETURN_IF_ERROR(AnnounceAndAwaitStop("the store", server->address(),
                                       server->port(), port_file));
  server->Stop();
  return absl::OkStatus();
}

}  // namespace verso
