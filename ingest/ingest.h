#ifndef VERSO_INGEST_INGEST_H_
#define VERSO_INGEST_INGEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/image/decode_limits.h"
#include "ingest/sources.h"
#include "proto/frontier.pb.h"
#include "shardstore/shard_store.h"

namespace verso {

struct IngestOptions {
  std::vector<std::string> sources = DefaultSources();
  SiteUrls urls;
  SourceChoices choices;
  int64_t limit = 0;  // Records per source over all runs; 0: all there are.
  // Requests at a time per source, over all workers of the frontier.
  int parallel = 4;
  // Not: pictures are judged by their header alone, without a perceptual hash.
  bool decode = true;
  // Larger pictures are refused (see LimitsForPixels()).
  int64_t max_pixels = DecodeLimits().max_pixels;
  // nullopt: each site's own polite floor.
  std::optional<absl::Duration> host_interval;
  absl::Duration retry_base = absl::Seconds(1);
  // What was fetched longer ago is asked for again, if it has changed.
  absl::Duration recrawl_after = absl::InfiniteDuration();
  std::string contact;   // A URL or address, for the user agent.
  std::string frontier;  // A directory or a server: OpenFrontier().
  // HOST:PORT for Prometheus while it runs; empty: none.
  std::string metrics = {};
};

struct SourceResult {
  std::string source;
  SourceCounts counts;  // Of this run.
  absl::Duration time;
  absl::Status status;  // Why it could not go on; OK when it got to its end.
};

// kInvalidArgument: an option is wrong (an unknown source, a URL that is none,
// a host that is not this machine without `contact`); nothing was done.
absl::Status CheckOptions(const IngestOptions& options);

// Pulls images of all sources into `store`, side by side; a source that starts
// from another one's records waits for it. Shows progress on stderr. Items
// that were stored or refused by anybody with the same frontier are not asked
// for again.
// kInvalidArgument as CheckOptions(). Else errors of OpenFrontier(). What
// befalls one source is in its result.
absl::StatusOr<std::vector<SourceResult>> RunIngest(
    const IngestOptions& options, ShardStore& store);

// A row per source: "source  stored  duplicate  refused  images/s  why".
std::string FormatResults(const std::vector<SourceResult>& results);

// What the frontier at `location` (see OpenFrontier()) knows of every source,
// as a table. A directory may be in use by another process.
absl::StatusOr<std::string> FormatStatus(const std::string& location);

}  // namespace verso

#endif  // VERSO_INGEST_INGEST_H_
