#ifndef VERSO_TESTS_COMMON_HTTP_LOCAL_SERVER_H_
#define VERSO_TESTS_COMMON_HTTP_LOCAL_SERVER_H_

#include <httplib.h>

#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace verso {

// A web server on a free port of 127.0.0.1 for one test. Routes are set before
// Start().
class LocalServer {
 public:
  ~LocalServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  httplib::Server& routes() { return server_; }

  void Start() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() has no effect on a server that is not yet running.
    while (!server_.is_running()) std::this_thread::yield();
  }

  std::string Url(absl::string_view path = "") const {
    return absl::StrCat("http://127.0.0.1:", port_, path);
  }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace verso

#endif  // VERSO_TESTS_COMMON_HTTP_LOCAL_SERVER_H_
