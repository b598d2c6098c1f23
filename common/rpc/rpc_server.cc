#include "common/rpc/rpc_server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/grpc_runtime.h"
#include "common/rpc/message_limit.h"
#include "common/rpc/server_address.h"

namespace verso {
namespace {

constexpr int kMaxStreamsPerConnection = 64;
constexpr size_t kMaxGrpcBytes = size_t{512} << 20;
constexpr int kMaxThreads = 512;  // A stream has one while it is open.
constexpr auto kStopGrace = std::chrono::seconds(3);

// gRPC 1.51 never accepts again once a process has run out of descriptors
// (CVE-2023-4785): keep far away from that.
void RaiseOpenFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // Best effort.
}

absl::Status InUse(absl::string_view what) {
  return absl::AlreadyExistsError(absl::StrCat(
      what, " is in use by another process; stop it or pass another --listen"));
}

// Whether somebody answers at a socket file; gRPC would silently replace it.
bool SocketAnswers(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd.valid() &&
         connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) == 0;
}

// The errno of bind(2) to the address, 0 when it works: gRPC does not tell.
int TryBind(const HostPort& listen) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(listen.host.c_str(), absl::StrCat(listen.port).c_str(),
                  &hints, &found) != 0) {
    return EADDRNOTAVAIL;
  }
  const FileDescriptor fd(
      socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool bound = bind(fd.get(), found->ai_addr, found->ai_addrlen) == 0;
  const int error = bound ? 0 : errno;
  freeaddrinfo(found);
  return error;
}

absl::Status WhyNot(absl::string_view listen,
                    const std::optional<HostPort>& host_port) {
  if (!host_port.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot listen on ", listen, ": is its folder there and writable?"));
  }
  const int error = TryBind(*host_port);
  if (error == EADDRINUSE) return InUse(absl::StrCat("port ", host_port->port));
  return absl::InvalidArgumentError(
      absl::StrCat("cannot listen on ", listen, ": ",
                   error == 0 ? "unknown reason" : strerror(error)));
}

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  grpc::ResourceQuota quota("verso");
  quota.Resize(kMaxGrpcBytes).SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
}

}  // namespace

RpcServer::RpcServer() = default;

RpcServer::~RpcServer() { Stop(); }

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    grpc::Service* service, absl::string_view listen) {
  const std::optional<std::string> socket_path = UnixSocketPath(listen);
  const std::optional<HostPort> host_port = ParseHostPort(listen);
  if (!socket_path.has_value() && !host_port.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on \"", listen,
                     "\": it must be HOST:PORT or unix:PATH"));
  }
  if (socket_path.has_value() && SocketAnswers(*socket_path)) {
    return InUse(*socket_path);
  }
  RaiseOpenFileLimit();
  StartGrpc();
  grpc::EnableDefaultHealthCheckService(true);
  std::unique_ptr<RpcServer> server(new RpcServer());
  grpc::ServerBuilder builder;
  Configure(builder);
  int port = 0;
  builder.AddListeningPort(std::string(listen),
                           grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    server->server_ = nullptr;
    return WhyNot(listen, host_port);
  }
  server->address_ = std::string(listen);
  if (host_port.has_value()) {
    server->port_ = port;
    server->address_ =
        absl::StrCat(listen.substr(0, listen.rfind(':') + 1), port);
  }
  return server;
}

void RpcServer::Stop() {
  if (server_ == nullptr) return;
  if (auto* health = server_->GetHealthCheckService()) health->Shutdown();
  server_->Shutdown(std::chrono::system_clock::now() + kStopGrace);
  server_->Wait();
}

absl::Status AnnounceAndAwaitStop(absl::string_view what,
                                  absl::string_view address, int port,
                                  const std::filesystem::path& port_file) {
  absl::FPrintF(stderr, "serving %s on %s\n", what, address);
  if (!port_file.empty()) {
    RETURN_IF_ERROR(WriteFileAtomically(port_file, absl::StrCat(port, "\n")));
  }
  while (!WaitForStop(absl::Minutes(1))) {
  }
  std::fprintf(stderr, "stopping\n");
  return absl::OkStatus();
}

}  // namespace verso
