#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_LINK_RECORDS_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_LINK_RECORDS_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/record.pb.h"
#include "shardstore/near_duplicates/candidate_pairs.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_store.h"

namespace verso {

struct LinkOptions {
  std::filesystem::path judged_file;  // See judged_pairs.h.
  CandidateLimits limits;
};

struct LinkReport {
  int64_t records = 0;
  int64_t candidates = 0;     // Pairs.
  int64_t judged_before = 0;  // Of these: by an earlier run.
  int64_t compared = 0;       // By this one.
  int64_t same_pictures = 0;  // Of the compared ones.
  int64_t details = 0;
  int64_t unreadable = 0;      // Records that are damaged.
  int64_t no_picture = 0;      // Pairs with a record that cannot be decoded.
  int64_t pairs_left_out = 0;  // By the limits: see candidate_pairs.h.
  int64_t full_bands = 0;
};

// Finds the records of a store that show one picture, or a detail of it, and
// adds a link for each pair. Two phases: keys of all records without their
// bytes (about 100 bytes of memory each), then the pixels of candidate pairs
// on all cores. Pairs are judged once: run again, it compares what is new or
// was not reached. A line on stderr shows how far it is.
// kCancelled: stop_signal.h; what was found so far is kept. Other errors are
// the store's and the judged file's.
absl::StatusOr<LinkReport> LinkRecords(ShardStore& store,
                                       const LinkOptions& options);

// Where the judged pairs of a store are kept: in its directory or, of a server,
// under $VERSO_HOME.
std::filesystem::path JudgedFileOf(absl::string_view store_location);

// The links between samples of two splits: what was found after a snapshot was
// frozen. Pure.
int64_t CountCrossedLinks(absl::Span<const SampleRow> samples,
                          absl::Span<const WorkLink> links);

// What was done and what the limits kept out, for people; lines.
std::string ListLinkReport(const LinkReport& report);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_LINK_RECORDS_H_
