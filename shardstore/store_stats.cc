#include "shardstore/store_stats.h"

#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "common/base/status_macros.h"

namespace verso {

absl::StatusOr<StoreStats> CountRecords(RecordReader& reader) {
  StoreStats stats;
  std::map<std::tuple<std::string, int, std::string>, SourceStats> sources;
  while (true) {
    const absl::StatusOr<std::optional<Record>> next = reader.Next();
    if (absl::IsDataLoss(next.status())) {
      ++stats.damaged;
      continue;
    }
    RETURN_IF_ERROR(next.status());
    if (!next->has_value()) break;
    const Provenance& from = (*next)->provenance();
    SourceStats& source =
        sources[{from.source(), from.label(), from.stand_in()}];
    source.source = from.source();
    source.label = from.label();
    source.stand_in = from.stand_in();
    if (!from.quarantine().empty()) {
      ++source.quarantined;
      ++stats.quarantined;
      continue;
    }
    ++source.records;
    source.image_bytes += from.size_bytes();
    ++stats.records;
    stats.image_bytes += from.size_bytes();
  }
  for (auto& [key, source] : sources) {
    stats.sources.push_back(std::move(source));
  }
  return stats;
}

}  // namespace verso
