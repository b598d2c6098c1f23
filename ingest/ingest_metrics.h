#ifndef VERSO_INGEST_INGEST_METRICS_H_
#define VERSO_INGEST_INGEST_METRICS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/metrics/metrics_server.h"
#include "ingest/frontier/frontier.h"
#include "proto/frontier_service.pb.h"

namespace verso {

// A frontier's state as Prometheus reads it. Counters are sums over all runs
// and all workers, so that one of those who share a frontier is enough to ask.
std::string FormatMetrics(const StatusResponse& status, absl::Time now);

// Serves that page; `frontier` is borrowed. Errors as MetricsServer::Start().
absl::StatusOr<std::unique_ptr<MetricsServer>> ServeMetrics(
    Frontier& frontier, const std::string& listen);

}  // namespace verso

#endif  // VERSO_INGEST_INGEST_METRICS_H_
