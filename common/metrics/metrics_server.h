#ifndef VERSO_COMMON_METRICS_METRICS_SERVER_H_
#define VERSO_COMMON_METRICS_METRICS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// Serves GET /metrics to Prometheus, and nothing else. Thread-safe.
class MetricsServer {
 public:
  // Gives the page (MetricsText); called by any thread. An error is HTTP 503.
  using Page = std::function<absl::StatusOr<std::string>()>;

  // Serves until destroyed. `listen`: "host:port"; port 0: any free one.
  // kInvalidArgument: not such an address. kUnavailable: the port is in use, or
  // the host is not of this machine.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      absl::string_view listen, Page page);

  virtual ~MetricsServer() = default;
  virtual int port() const = 0;
};

}  // namespace verso

#endif  // VERSO_COMMON_METRICS_METRICS_SERVER_H_
