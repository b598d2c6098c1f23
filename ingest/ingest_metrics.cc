#include "ingest/ingest_metrics.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/metrics/metrics_text.h"
#include "ingest/frontier/source_counts.h"

namespace verso {
namespace {

using Sources = std::map<std::string, SourceStatus>;

void AddFamily(absl::string_view name, absl::string_view type,
               absl::string_view help, const Sources& sources,
               const std::function<double(const SourceStatus&)>& value,
               MetricsText& text) {
  text.Family(name, type, help);
  for (const auto& [source, status] : sources) {
    text.Sample({{"source", source}}, value(status));
  }
}

void AddCounter(absl::string_view name, absl::string_view help,
                const Sources& sources, int64_t (SourceCounts::*count)() const,
                MetricsText& text) {
  AddFamily(
      name, "counter", help, sources,
      [count](const SourceStatus& status) {
        return static_cast<double>((status.counts().*count)());
      },
      text);
}

}  // namespace

std::string FormatMetrics(const StatusResponse& status, absl::Time now) {
  const Sources sources(status.source().begin(), status.source().end());
  MetricsText text;
  AddCounter("verso_ingest_fetched_total", "Pictures whose bytes came.",
             sources, &SourceCounts::fetched, text);
  AddCounter("verso_ingest_stored_total", "Records stored.", sources,
             &SourceCounts::stored, text);
  AddCounter("verso_ingest_duplicate_total",
             "Pictures whose bytes were stored before.", sources,
             &SourceCounts::duplicate, text);
  AddCounter("verso_ingest_quarantined_total",
             "Records stored, but never served: label and file contradict.",
             sources, &SourceCounts::quarantined, text);
  AddCounter("verso_ingest_unchanged_total",
             "Pictures asked for again that are the same.", sources,
             &SourceCounts::unchanged, text);
  text.Family("verso_ingest_refused_total", "counter",
              "Items not fetched or not stored, by reason.");
  for (const auto& [source, state] : sources) {
    const std::map<std::string, int64_t> refused(
        state.counts().refused().begin(), state.counts().refused().end());
    for (const auto& [reason, count] : refused) {
      text.Sample({{"source", source}, {"reason", reason}},
                  static_cast<double>(count));
    }
  }
  AddFamily(
      "verso_ingest_queued", "gauge", "Items that wait, leased ones included.",
      sources,
      [](const SourceStatus& state) {
        return static_cast<double>(state.counts().queued());
      },
      text);
  AddFamily(
      "verso_ingest_leased", "gauge", "Items that workers are at.", sources,
      [](const SourceStatus& state) {
        return static_cast<double>(state.leased());
      },
      text);
  AddFamily(
      "verso_ingest_images_per_second", "gauge",
      "Pictures whose bytes came, over the last half minute or so.", sources,
      [now](const SourceStatus& state) { return ImagesPerSecond(state, now); },
      text);
  text.Family("verso_ingest_workers", "gauge", "Worker processes.");
  text.Sample({}, static_cast<double>(status.sessions()));
  return text.text();
}

absl::StatusOr<std::unique_ptr<MetricsServer>> ServeMetrics(
    Frontier& frontier, const std::string& listen) {
  return MetricsServer::Start(
      listen, [&frontier]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const StatusResponse status,
                         frontier.GetStatus(StatusRequest()));
        return FormatMetrics(status, absl::Now());
      });
}

}  // namespace verso
