#ifndef VERSO_SHARDSTORE_SHARD_SERVER_H_
#define VERSO_SHARDSTORE_SHARD_SERVER_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shardstore/shard_store.h"

namespace grpc {
class Server;
}  // namespace grpc

namespace verso {

class ShardServiceImpl;

// Serves a store (shard_service.proto) and gRPC's health service, without
// encryption: listen where only those you trust can connect. Thread-safe.
class ShardServer {
 public:
  // Serves at once. `listen`: "host:port" (port 0: any free one) or
  // "unix:/path". `store` is not owned and must outlive the server. Raises the
  // process's limit of open files as far as it may.
  // kAlreadyExists: the port or socket is in use. kInvalidArgument: not such an
  // address.
  static absl::StatusOr<std::unique_ptr<ShardServer>> Start(
      ShardStore* store, absl::string_view listen);

  // Stops as Stop().
  ~ShardServer();

  int port() const { return port_; }  // 0 for a Unix socket.
  // What clients pass to OpenShardStore().
  const std::string& address() const { return address_; }

  // Takes no new calls; calls under way get a few seconds, streams end at their
  // next message. Returns once all have ended.
  void Stop();

 private:
  ShardServer();

  std::unique_ptr<ShardServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::string address_;
};

// Serves until the process is asked to stop (stop_signal.h), then OK. Once it
// can be reached, says so on stderr and writes the port to `port_file`, unless
// that is empty. Errors as ShardServer::Start().
absl::Status ServeShards(ShardStore& store, absl::string_view listen,
                         const std::filesystem::path& port_file);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_SERVER_H_
