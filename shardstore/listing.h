#ifndef VERSO_SHARDSTORE_LISTING_H_
#define VERSO_SHARDSTORE_LISTING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"
#include "proto/record.pb.h"
#include "shardstore/ledger.h"
#include "shardstore/store_stats.h"

namespace verso {

// What the binary prints. Text from outside (titles, sources) is escaped, so
// that it cannot move a terminal's cursor. Lists end with a line break.

// "<id>  <source>  <label>  <width>x<height>  <bytes>  <title or item>", and
// "  quarantined: <reason>" where it is.
std::string RecordAsText(const Record& record);

// {"record_id":"...","provenance":{...}} in one line.
absl::StatusOr<std::string> RecordAsJson(const Record& record);

// A line for each shard: name, records, bytes, "open" or the sealed file's
// sha256.
std::string ListShards(const LedgerSummary& ledger);

// A table of the sources and a line of sums.
std::string ListStats(const StoreStats& stats);

// A table of source, label and split with their samples and works.
std::string ListCounts(const SnapshotInfo& info);

// A line for each snapshot: id, name, samples of each split, when.
std::string ListSnapshotLines(const std::vector<SnapshotInfo>& snapshots);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_LISTING_H_
