#ifndef VERSO_COMMON_RPC_RPC_SERVER_H_
#define VERSO_COMMON_RPC_RPC_SERVER_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace verso {

// Serves one gRPC service beside gRPC's health service, without encryption:
// listen where only those you trust can connect. Bounds connections, threads
// and memory. Thread-safe.
class RpcServer {
 public:
  // Serves at once. `listen`: "host:port" (port 0: any free one) or
  // "unix:/path". `service` is not owned and must outlive the server. Raises
  // the process's limit of open files as far as it may.
  // kAlreadyExists: the port or socket is in use. kInvalidArgument: not such an
  // address.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      grpc::Service* service, absl::string_view listen);

  // Stops as Stop().
  ~RpcServer();

  int port() const { return port_; }  // 0 for a Unix socket.
  // What clients connect to.
  const std::string& address() const { return address_; }

  // Takes no new calls; calls under way get a few seconds. Returns once all
  // have ended.
  void Stop();

 private:
  RpcServer();

  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::string address_;
};

// Says on stderr "serving <what> on <address>", writes the port to `port_file`
// unless that is empty, and returns OK when the process is asked to stop.
// Errors of writing the file.
absl::Status AnnounceAndAwaitStop(absl::string_view what,
                                  absl::string_view address, int port,
                                  const std::filesystem::path& port_file);

}  // namespace verso

#endif  // VERSO_COMMON_RPC_RPC_SERVER_H_
