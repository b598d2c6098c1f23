#ifndef VERSO_EVALUATOR_DASHBOARD_SERVER_H_
#define VERSO_EVALUATOR_DASHBOARD_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluator/report_catalog.h"

namespace verso {

struct DashboardOptions {
  std::string listen = "127.0.0.1:7780";  // HOST:PORT; port 0 = any free one.
  // Names by which clients may call this server besides localhost, 127.0.0.1,
  // [::1] and the host of `listen`. Requests for other names are refused: a
  // page of another site cannot reach us through its own DNS name.
  std::vector<std::string> allowed_hosts;
};

// Serves a run's reports: / (the newest table), /table/<checkpoint>,
// /table.csv, /table.md, /report.json (each with an optional
// ?checkpoint=<checkpoint>), /style.css, /healthz. GET and HEAD alone. A
// checkpoint is looked up among the catalogue's names, never in a folder. No
// authentication: keep it on loopback or behind a proxy. Thread-safe.
class DashboardServer {
 public:
  // Serves until destroyed. `catalog` is not owned and must outlive the server.
  // kInvalidArgument: `listen` is not HOST:PORT.
  // kUnavailable: the port is taken, or the host is not of this machine.
  static absl::StatusOr<std::unique_ptr<DashboardServer>> Start(
      const ReportCatalog& catalog, const DashboardOptions& options);

  virtual ~DashboardServer() = default;

  // The port that it listens on.
  virtual int port() const = 0;

  // Whether only programs of this machine can reach it.
  virtual bool is_loopback() const = 0;
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_DASHBOARD_SERVER_H_
