#include "common/metrics/metrics_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/server_address.h"

namespace verso {
namespace {

constexpr int kThreads = 2;
constexpr char kType[] = "text/plain; version=0.0.4; charset=utf-8";

// cpp-httplib's own choice adds SO_REUSEPORT: a second server would share the
// port instead of failing.
void SetSocketOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

class HttpMetricsServer : public MetricsServer {
 public:
  explicit HttpMetricsServer(Page page) : page_(std::move(page)) {
    server_.set_socket_options(SetSocketOptions);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_read_timeout(5);
    server_.set_write_timeout(5);
    server_.set_keep_alive_timeout(2);
    server_.set_payload_max_length(0);
    server_.Get("/metrics", [this](const auto&, httplib::Response& response) {
      const absl::StatusOr<std::string> text = page_();
      response.status = text.ok() ? 200 : 503;
      response.set_content(
          text.ok() ? *text : absl::StrCat(text.status().message(), "\n"),
          kType);
    });
  }

  ~HttpMetricsServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(const HostPort& address) {
    port_ = address.port;
    const bool bound =
        address.port == 0 ? (port_ = server_.bind_to_any_port(address.host)) > 0
                          : server_.bind_to_port(address.host, address.port);
    if (!bound) {
      return absl::UnavailableError(absl::StrCat(
          "cannot serve metrics on ", address.host, ":", address.port,
          ": the port is in use, or the host is not of this machine"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop runs would be lost.
    while (!server_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  const Page page_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    absl::string_view listen, Page page) {
  const std::optional<HostPort> address = ParseHostPort(listen);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot serve metrics on \"", listen,
                     "\": it must be HOST:PORT, as 127.0.0.1:7792"));
  }
  auto server = std::make_unique<HttpMetricsServer>(std::move(page));
  RETURN_IF_ERROR(server->Listen(*address));
  return server;
}

}  // namespace verso
