#include "evaluator/dashboard_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <set>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "evaluator/dashboard_css.h"
#include "evaluator/dashboard_page.h"

namespace verso {
namespace {

using httplib::Request;
using httplib::Response;

constexpr int kThreads = 8;
constexpr char kHtml[] = "text/html; charset=utf-8";
constexpr char kText[] = "text/plain; charset=utf-8";

struct Address {
  std::string host;
  int port = 0;
};

absl::StatusOr<Address> ParseAddress(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  Address address;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &address.port) ||
      address.port < 0 || address.port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen cannot be \"", listen,
        "\"; give HOST:PORT, for example 127.0.0.1:7780 (port 0 = any)"));
  }
  address.host = listen.substr(0, colon);
  if (absl::StartsWith(address.host, "[") &&
      absl::EndsWith(address.host, "]")) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

// "127.0.0.1:7780" -> "127.0.0.1", "[::1]:7780" -> "[::1]"; lower case.
std::string HostWithoutPort(const std::string& header) {
  const size_t bracket = header.rfind(']');
  const size_t colon = header.rfind(':');
  const bool has_port = colon != std::string::npos &&
                        (bracket == std::string::npos || bracket < colon);
  return absl::AsciiStrToLower(has_port ? header.substr(0, colon) : header);
}

// cpp-httplib's own choice adds SO_REUSEPORT: a second server would share the
// port instead of failing.
void SetSocketOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

httplib::Headers SecurityHeaders() {
  return {{"Content-Security-Policy",
           "default-src 'none'; style-src 'self'; base-uri 'none'; "
           "form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cache-Control", "no-store"}};
}

void AnswerNotFound(Response& response) {
  response.status = 404;
  response.set_content(
      MessagePage("Not found", "There is no such page or checkpoint here."),
      kHtml);
}

class HttpDashboard : public DashboardServer {
 public:
  HttpDashboard(const ReportCatalog& catalog, const DashboardOptions& options,
                const Address& address)
      : catalog_(catalog),
        allowed_hosts_(options.allowed_hosts.begin(),
                       options.allowed_hosts.end()) {
    allowed_hosts_.insert({"localhost", "127.0.0.1", "[::1]"});
    allowed_hosts_.insert(
        absl::AsciiStrToLower(absl::StrContains(address.host, ':')
                                  ? absl::StrCat("[", address.host, "]")
                                  : address.host));
    Configure();
    AddRoutes();
  }

  ~HttpDashboard() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(const Address& address) {
    port_ = address.port;
    is_loopback_ = address.host == "localhost" || address.host == "::1" ||
                   absl::StartsWith(address.host, "127.");
    const bool bound =
        address.port == 0 ? (port_ = server_.bind_to_any_port(address.host)) > 0
                          : server_.bind_to_port(address.host, address.port);
    if (!bound) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", address.host, ":", address.port,
          ": the port is in use, or the host is not of this machine; choose "
          "another --listen"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop runs would be lost.
    while (!server_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  bool is_loopback() const override { return is_loopback_; }

 private:
  using HandlerResponse = httplib::Server::HandlerResponse;

  void Configure() {
    server_.set_socket_options(SetSocketOptions);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_default_headers(SecurityHeaders());
    server_.set_read_timeout(5);
    server_.set_write_timeout(5);
    server_.set_keep_alive_timeout(2);
    server_.set_payload_max_length(0);
    server_.set_pre_routing_handler(
        [this](const Request& request, Response& response) {
          return Refuse(request, response);
        });
    server_.set_error_handler(
        httplib::Server::Handler([](const Request&, Response& response) {
          if (response.status == 404) AnswerNotFound(response);
        }));
  }

  HandlerResponse Refuse(const Request& request, Response& response) const {
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      response.set_content("only GET and HEAD\n", kText);
      return HandlerResponse::Handled;
    }
    // Many ranges of a page would be answered by many copies of it.
    if (request.ranges.size() > 1) {
      response.status = 400;
      response.set_content("one range at a time\n", kText);
      return HandlerResponse::Handled;
    }
    if (!allowed_hosts_.contains(
            HostWithoutPort(request.get_header_value("Host")))) {
      response.status = 421;
      response.set_content("this server does not answer for that host\n",
                           kText);
      return HandlerResponse::Handled;
    }
    return HandlerResponse::Unhandled;
  }

  void AddRoutes() {
    server_.Get("/", [this](const Request&, Response& response) {
      const auto list = catalog_.Get();
      const CatalogEntry* entry = list->Find("newest");
      response.set_content(
          entry == nullptr ? EmptyPage() : ReportPage(*list, *entry), kHtml);
    });
    server_.Get("/table/([^/]+)", [this](const Request& request,
                                         Response& response) {
      const auto list = catalog_.Get();
      const CatalogEntry* entry = list->Find(std::string(request.matches[1]));
      if (entry == nullptr) return AnswerNotFound(response);
      response.set_content(ReportPage(*list, *entry), kHtml);
    });
    AddDownload("/table\\.csv", &CatalogEntry::table_csv,
                "text/csv; charset=utf-8");
    AddDownload("/table\\.md", &CatalogEntry::table_markdown,
                "text/markdown; charset=utf-8");
    AddDownload("/report\\.json", &CatalogEntry::report_json,
                "application/json");
    server_.Get("/style\\.css", [](const Request&, Response& response) {
      response.set_content(kDashboardCss, "text/css; charset=utf-8");
    });
    server_.Get("/healthz", [](const Request&, Response& response) {
      response.set_content("ok\n", kText);
    });
  }

  void AddDownload(const char* pattern, std::string CatalogEntry::*file,
                   const char* content_type) {
    server_.Get(pattern, [this, file, content_type](const Request& request,
                                                    Response& response) {
      const auto list = catalog_.Get();
      const std::string name = request.has_param("checkpoint")
                                   ? request.get_param_value("checkpoint")
                                   : "newest";
      const CatalogEntry* entry = list->Find(name);
      if (entry == nullptr) return AnswerNotFound(response);
      response.set_content(entry->*file, content_type);
    });
  }

  const ReportCatalog& catalog_;
  std::set<std::string> allowed_hosts_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  bool is_loopback_ = true;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DashboardServer>> DashboardServer::Start(
    const ReportCatalog& catalog, const DashboardOptions& options) {
  ASSIGN_OR_RETURN(const Address address, ParseAddress(options.listen));
  auto server = std::make_unique<HttpDashboard>(catalog, options, address);
  RETURN_IF_ERROR(server->Listen(address));
  return server;
}

}  // namespace verso
