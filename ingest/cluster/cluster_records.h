#ifndef VERSO_INGEST_CLUSTER_CLUSTER_RECORDS_H_
#define VERSO_INGEST_CLUSTER_CLUSTER_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/safetensors/feature_file.h"
#include "ingest/cluster/proposals.h"
#include "shardstore/shard_store.h"

namespace verso {

struct ClusterOptions {
  int clusters = 0;  // 0: DefaultClusters().
  ProposalOptions proposal;
};

struct ClusteredRecords {
  std::vector<ClusterSummary> clusters;
  // Every record without a certain label, by cluster, the nearest to its
  // centre first.
  std::vector<Proposal> proposals;
  // How many of these are proposals for sources that have no anchor at all:
  // nothing says that their pictures look as those of others do.
  int64_t of_new_sources = 0;
  // Rows whose record the store does not have, or has quarantined: left out.
  int64_t absent = 0;
};

// Groups records by their features, scaled to length 1, and proposes labels;
// the store is only read. Shows progress on stderr.
// kInvalidArgument: a wrong option. kNotFound: the store has none of the
// records. kCancelled: the process was asked to stop. Else as the store.
absl::StatusOr<ClusteredRecords> ClusterRecords(FeatureTable features,
                                                ShardStore& store,
                                                const ClusterOptions& options);

struct AcceptedRecords {
  int64_t labelled = 0;  // Have now the label, with evidence "inferred".
  int64_t before = 0;    // Had it already.
  int64_t certain = 0;   // Left alone: labelled with stronger evidence since.
  int64_t absent = 0;    // Not in the store, or quarantined since.
};

// Labels the records of `clusters`, from now on, as was proposed. What has a
// certain label is never changed. `who`: who accepts, for those who come later.
// kInvalidArgument: a cluster that is not in `proposals` or has no proposal;
//   nothing is done. kCancelled: the process was asked to stop; accepting again
//   goes on. Else as ShardStore::Judge().
absl::StatusOr<AcceptedRecords> AcceptProposals(
    absl::Span<const Proposal> proposals, absl::Span<const int32_t> clusters,
    absl::string_view who, ShardStore& store);

}  // namespace verso

#endif  // VERSO_INGEST_CLUSTER_CLUSTER_RECORDS_H_
