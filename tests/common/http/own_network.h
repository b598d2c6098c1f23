#ifndef VERSO_TESTS_COMMON_HTTP_OWN_NETWORK_H_
#define VERSO_TESTS_COMMON_HTTP_OWN_NETWORK_H_

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace verso {

// What names the host that stands for the public Internet.
inline constexpr char kPublicAddress[] = "93.184.216.34";

// Puts this process into user, network and mount namespaces of its own, where
// `addresses` (IPv4 and IPv6) are this machine's, 127.0.0.1 is the only name
// server, and `ca_file` holds the only certificates that are trusted. Call it
// before any thread is started. kUnavailable: namespaces are forbidden here.
absl::Status EnterOwnNetwork(const std::vector<std::string>& addresses,
                             const std::string& ca_file);

// A name server at 127.0.0.1:53, for IPv4 alone. Thread-safe.
class NameServer {
 public:
  // The addresses of a name, asked for each query; nullopt: silence.
  using Addresses = std::optional<std::vector<std::string>>;
  using Names = std::function<Addresses(const std::string&)>;

  explicit NameServer(Names names);
  ~NameServer();
  NameServer(const NameServer&) = delete;

 private:
  void Serve();
  std::string Reply(absl::string_view query) const;

  const Names names_;
  int socket_ = -1;
  std::thread thread_;
};

}  // namespace verso

#endif  // VERSO_TESTS_COMMON_HTTP_OWN_NETWORK_H_
