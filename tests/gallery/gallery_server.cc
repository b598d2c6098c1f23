#include "tests/gallery/gallery_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "tests/gallery/fault_answers.h"
#include "tests/gallery/sites/answers.h"
#include "tests/gallery/sites/artbench_site.h"
#include "tests/gallery/sites/dalle_site.h"
#include "tests/gallery/sites/lexica_site.h"
#include "tests/gallery/sites/webui_site.h"
#include "tests/gallery/sites/wga_site.h"
#include "tests/gallery/text.h"

namespace verso {
namespace {

constexpr char kHost[] = "127.0.0.1";
constexpr char kStandInHeader[] = "X-Verso-Stand-In";
constexpr char kStatsPath[] = "/stats";

// A connection that is kept open holds a thread until it is idle for this
// long, also when the server is to stop.
constexpr int kThreads = 32;
constexpr int kKeepAliveSeconds = 1;
constexpr int kMaxRequestsPerConnection = 100'000;
constexpr int64_t kMaxRequestBytes = 64 << 20;

// What /stats counts by; everything else is "other".
constexpr std::array kRoutes = {
    "/wga/database", "/wga/html",      "/wga/art",   "/artbench/files",
    "/lexica/api",   "/lexica-images", "/dalle/api", "/dalle-images",
    "/a1111/sdapi",  "/robots.txt",
};

std::string RouteOf(absl::string_view path) {
  for (const absl::string_view route : kRoutes) {
    if (absl::StartsWith(path, route)) return std::string(route);
  }
  return "other";
}

// The library's default also sets SO_REUSEPORT, with which two servers share
// a port without noticing.
void SetSocketOptions(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

// What the first hook of a request knows for the second one. The library
// handles a request on one thread, from its head to its answer.
struct Exchange {
  absl::Time arrived = absl::Now();
  std::optional<FaultType> fault;
};
thread_local Exchange exchange;

}  // namespace

absl::StatusOr<std::unique_ptr<GalleryServer>> GalleryServer::Start(
    std::unique_ptr<Gallery> gallery, const GalleryServerOptions& options) {
  RETURN_IF_ERROR(Encode("", options.wga_encoding).status());
  std::unique_ptr<GalleryServer> server(
      new GalleryServer(std::move(gallery), options));
  if (!options.access_log.empty()) {
    ASSIGN_OR_RETURN(server->log_, AccessLog::Open(options.access_log));
  }
  server->AddHooks();
  RETURN_IF_ERROR(server->Bind(options.port));
  return server;
}

GalleryServer::GalleryServer(std::unique_ptr<Gallery> gallery,
                             const GalleryServerOptions& options)
    : gallery_(std::move(gallery)),
      faults_(options.faults),
      server_(std::make_unique<httplib::Server>()) {
  sites_.push_back(
      std::make_unique<WgaSite>(gallery_.get(), options.wga_encoding));
  sites_.push_back(std::make_unique<ArtbenchSite>(gallery_.get()));
  sites_.push_back(std::make_unique<LexicaSite>(gallery_.get()));
  sites_.push_back(std::make_unique<DalleSite>(gallery_.get()));
  sites_.push_back(std::make_unique<WebuiSite>(gallery_.get()));
  for (const auto& site : sites_) site->AddTo(*server_);
}

GalleryServer::~GalleryServer() {
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status GalleryServer::Bind(int port) {
  server_->set_socket_options(SetSocketOptions);
  server_->set_tcp_nodelay(true);
  server_->set_keep_alive_timeout(kKeepAliveSeconds);
  server_->set_keep_alive_max_count(kMaxRequestsPerConnection);
  server_->set_payload_max_length(kMaxRequestBytes);
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  port_ = port;
  if (port == 0) {
    port_ = server_->bind_to_any_port(kHost);
  } else if (!server_->bind_to_port(kHost, port)) {
    port_ = -1;
  }
  if (port_ < 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", kHost, ":", port,
        ", the port is in use; stop the program that uses it or choose another "
        "--port (0 is any free one)"));
  }
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  // stop() has no effect on a server that is not yet running.
  while (!server_->is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

void GalleryServer::AddHooks() {
  using httplib::Request;
  using httplib::Response;
  server_->set_default_headers({{kStandInHeader, gallery_->kind()}});
  server_->Get("/robots.txt", [](const Request&, Response& response) {
    response.set_content("User-agent: *\nAllow: /\n", "text/plain");
  });
  server_->Get(kStatsPath, [this](const Request&, Response& response) {
    AnswerJson(Stats(), response);
  });
  server_->set_pre_routing_handler(
      [this](const Request& request, Response& response) {
        return Arrive(request, response)
                   ? httplib::Server::HandlerResponse::Handled
                   : httplib::Server::HandlerResponse::Unhandled;
      });
  server_->set_post_routing_handler(
      [this](const Request& request, Response& response) {
        Leave(request, response);
      });
  server_->set_exception_handler(
      [](const Request&, Response& response, std::exception_ptr) {
        AnswerFailure(absl::InternalError("the gallery failed"), response);
      });
}

bool GalleryServer::Arrive(const httplib::Request& request,
                           httplib::Response& response) {
  exchange = {absl::Now(), faults_.Take(request.path)};
  if (absl::StartsWith(request.path, absl::StrCat(kMovedPrefix, "/"))) {
    // The library lends us its own request, before it looks for a route.
    auto& path = const_cast<httplib::Request&>(request).path;
    path = path.substr(kMovedPrefix.size());
  }
  // The body of a POST must be read before it is answered.
  if (exchange.fault && request.method != "POST" &&
      AnswerFault(*exchange.fault, request, response)) {
    exchange.fault.reset();
    return true;
  }
  return false;
}

// Counted before it is sent: a client that has its answer finds it in /stats.
void GalleryServer::Leave(const httplib::Request& request,
                          httplib::Response& response) {
  if (exchange.fault) {
    if (request.method != "POST" ||
        !AnswerFault(*exchange.fault, request, response)) {
      SpoilAnswer(*exchange.fault, response);
    }
  }
  exchange.fault.reset();
  Count(request, response.status);
  if (log_ != nullptr && request.path != kStatsPath) {
    log_->Add(exchange.arrived, request.method,
              request.get_header_value("Host"), request.target,
              response.status);
  }
}

void GalleryServer::Count(const httplib::Request& request, int status) {
  if (request.path == kStatsPath) return;
  absl::MutexLock lock(&mu_);
  ++requests_[RouteOf(request.path)];
  ++statuses_[absl::StrCat(status)];
}

nlohmann::json GalleryServer::Stats() const {
  absl::MutexLock lock(&mu_);
  int64_t total = 0;
  for (const auto& [unused, count] : requests_) total += count;
  return {{"kind", gallery_->kind()},
          {"total", total},
          {"requests", requests_},
          {"statuses", statuses_}};
}

}  // namespace verso
