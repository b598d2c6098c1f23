#ifndef VERSO_INGEST_FRONTIER_FRONTIER_SERVER_H_
#define VERSO_INGEST_FRONTIER_FRONTIER_SERVER_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ingest/frontier/frontier.h"

namespace verso {

class FrontierServiceImpl;
class RpcServer;

// Serves a frontier as RpcServer does. Thread-safe.
class FrontierServer {
 public:
  // Serves at once. `frontier` is not owned and must outlive the server.
  // `listen` and errors as RpcServer::Start().
  static absl::StatusOr<std::unique_ptr<FrontierServer>> Start(
      Frontier* frontier, absl::string_view listen);
  ~FrontierServer();

  int port() const;  // 0 for a Unix socket.
  // What workers pass to OpenFrontier().
  const std::string& address() const;

 private:
  FrontierServer(std::unique_ptr<FrontierServiceImpl> service,
                 std::unique_ptr<RpcServer> server);

  const std::unique_ptr<FrontierServiceImpl> service_;
  const std::unique_ptr<RpcServer> server_;
};

// Serves until the process is asked to stop (stop_signal.h), then OK. Once it
// can be reached, says so on stderr and writes the port to `port_file`, unless
// that is empty. Errors as FrontierServer::Start().
absl::Status ServeFrontier(Frontier& frontier, absl::string_view listen,
                           const std::filesystem::path& port_file);

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_FRONTIER_SERVER_H_
