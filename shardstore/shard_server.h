#ifndef VERSO_SHARDSTORE_SHARD_SERVER_H_
#define VERSO_SHARDSTORE_SHARD_SERVER_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shardstore/shard_store.h"

namespace verso {

class RpcServer;
class ShardServiceImpl;

// Serves a store (shard_service.proto) as RpcServer does. Thread-safe.
class ShardServer {
 public:
  // Serves at once. `store` is not owned and must outlive the server. `listen`
  // and errors as RpcServer::Start().
  static absl::StatusOr<std::unique_ptr<ShardServer>> Start(
      ShardStore* store, absl::string_view listen);

  // Stops as Stop().
  ~ShardServer();

  int port() const;  // 0 for a Unix socket.
  // What clients pass to OpenShardStore().
  const std::string& address() const;

  // Takes no new calls; calls under way get a few seconds, streams end at their
  // next message. Returns once all have ended.
  void Stop();

 private:
  ShardServer(std::unique_ptr<ShardServiceImpl> service,
              std::unique_ptr<RpcServer> server);

  const std::unique_ptr<ShardServiceImpl> service_;
  const std::unique_ptr<RpcServer> server_;
};

// Serves until the process is asked to stop (stop_signal.h), then OK. Once it
// can be reached, says so on stderr and writes the port to `port_file`, unless
// that is empty. Errors as ShardServer::Start().
absl::Status ServeShards(ShardStore& store, absl::string_view listen,
                         const std::filesystem::path& port_file);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_SERVER_H_
