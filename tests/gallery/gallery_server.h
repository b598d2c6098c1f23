#ifndef VERSO_TESTS_GALLERY_GALLERY_SERVER_H_
#define VERSO_TESTS_GALLERY_GALLERY_SERVER_H_

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tests/gallery/access_log.h"
#include "tests/gallery/faults.h"
#include "tests/gallery/gallery.h"
#include "tests/gallery/sites/site_routes.h"

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace verso {

struct GalleryServerOptions {
  int port = 0;  // 0: any free one.
  std::vector<Fault> faults;
  std::string wga_encoding = "CP850";  // Of the catalogue, as iconv has it.
  std::string access_log;  // A file (access_log.h); empty: none is written.
};

// All sites on one port of 127.0.0.1, over plain HTTP. Each answer has the
// header X-Verso-Stand-In with the kind of the gallery. Also there:
//   /robots.txt  allows everything
//   /stats       {"kind", "total", "requests": {"/wga/art": n, "other": n},
//                 "statuses": {"200": n}}, this route not counted, nor logged
//   /moved/...   what lies at "/..."
// Thread-safe.
class GalleryServer {
 public:
  // Serves from then on. kInvalidArgument: an unknown encoding, or an access
  // log that cannot be written. kUnavailable: the port is in use; names it.
  static absl::StatusOr<std::unique_ptr<GalleryServer>> Start(
      std::unique_ptr<Gallery> gallery, const GalleryServerOptions& options);

  // Stops; answers that are on their way are finished.
  ~GalleryServer();

  int port() const { return port_; }
  nlohmann::json Stats() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  GalleryServer(std::unique_ptr<Gallery> gallery,
                const GalleryServerOptions& options);

  absl::Status Bind(int port);
  void AddHooks();
  void Count(const httplib::Request& request, int status)
      ABSL_LOCKS_EXCLUDED(mu_);
  // The two ends of the routing of one request, on one thread. Arrive(): true
  // when the request is answered already.
  bool Arrive(const httplib::Request& request, httplib::Response& response);
  void Leave(const httplib::Request& request, httplib::Response& response)
      ABSL_LOCKS_EXCLUDED(mu_);

  const std::unique_ptr<Gallery> gallery_;
  FaultInjector faults_;
  std::unique_ptr<AccessLog> log_;  // Null: none.
  std::vector<std::unique_ptr<SiteRoutes>> sites_;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  int port_ = 0;

  mutable absl::Mutex mu_;
  std::map<std::string, int64_t> requests_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> statuses_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_GALLERY_SERVER_H_
