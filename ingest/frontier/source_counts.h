#ifndef VERSO_INGEST_FRONTIER_SOURCE_COUNTS_H_
#define VERSO_INGEST_FRONTIER_SOURCE_COUNTS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "proto/frontier.pb.h"

namespace verso {

// Adds `delta`'s sums (not `queued`) to `counts`.
void AddCounts(const SourceCounts& delta, SourceCounts& counts);

// What counts towards a limit of records.
int64_t TotalAppended(const SourceCounts& counts);

// Adds `delta` to the source's counts and, at `now`, to its rate.
void AddProgress(const SourceCounts& delta, absl::Time now,
                 SourceStatus& status);

// Pictures per second over the last half minute or so; 0 when none came.
double ImagesPerSecond(const SourceStatus& status, absl::Time now);

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_SOURCE_COUNTS_H_
