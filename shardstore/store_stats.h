#ifndef VERSO_SHARDSTORE_STORE_STATS_H_
#define VERSO_SHARDSTORE_STORE_STATS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/provenance.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

// How many records a source has with one label.
struct SourceStats {
  std::string source;
  Label label = LABEL_UNKNOWN;
  std::string stand_in;  // Provenance.stand_in; empty for the real thing.
  int64_t records = 0;   // That are served.
  int64_t image_bytes = 0;
  int64_t quarantined = 0;  // Not in `records`.
};

struct StoreStats {
  int64_t records = 0;  // That are served.
  int64_t image_bytes = 0;
  int64_t quarantined = 0;  // Not in `records`.
  int64_t shards = 0;       // These three are 0 where only records can be seen.
  int64_t shard_bytes = 0;
  int64_t sightings = 0;
  int64_t damaged = 0;  // Samples that could not be read while counting.
  std::vector<SourceStats> sources;  // By source, label and stand_in.
};

// Counts what a reader gives, to its end; only a query that includes them gives
// quarantined records. Errors of the reader but kDataLoss.
absl::StatusOr<StoreStats> CountRecords(RecordReader& reader);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_STORE_STATS_H_
