#ifndef VERSO_INGEST_CLUSTER_PROPOSALS_H_
#define VERSO_INGEST_CLUSTER_PROPOSALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/provenance.pb.h"

namespace verso {

// What a record is to the labelling of others.
enum class Standing {
  kAnchor,      // Human or generated for certain: what proposals go by.
  kUnlabelled,  // Of unknown label, or one that was inferred before.
  kOther,       // Mixed, or labelled with no word of why: neither.
};

// Certain is what has stronger evidence than LABEL_EVIDENCE_INFERRED.
Standing StandingOf(const Provenance& provenance);

struct ProposalOptions {
  // The least share of a cluster's anchors with the label that is proposed,
  // by the lower end of its 95 % interval (Wilson): 0.8 takes 16 anchors that
  // all agree, 0.9 takes 35.
  double min_purity = 0.8;
  int64_t min_anchors = 10;
};

// kInvalidArgument: min_purity outside [0.5, 1), or min_anchors < 1.
absl::Status CheckProposalOptions(const ProposalOptions& options);

struct ClusterSummary {
  int32_t cluster = 0;
  int64_t records = 0;
  int64_t unlabelled = 0;
  int64_t human = 0;      // Anchors.
  int64_t generated = 0;  // Anchors.
  // Of the anchors with the more frequent label; 0 without anchors.
  double share = 0;
  double share_low = 0;  // Lower end of its 95 % interval.
  Label proposal = LABEL_UNKNOWN;

  int64_t anchors() const { return human + generated; }
};

struct ClusterMember {
  int32_t cluster = 0;
  Standing standing = Standing::kOther;
  Label label = LABEL_UNKNOWN;
};

// A summary for each of `clusters`, by number. REQUIRES: every member's cluster
// is in [0, clusters).
std::vector<ClusterSummary> Summarize(absl::Span<const ClusterMember> members,
                                      int32_t clusters,
                                      const ProposalOptions& options);

// A line for each cluster; ends with a line break.
std::string FormatSummaries(absl::Span<const ClusterSummary> summaries);

// A record without a certain label: a line of the CSV file that a person reads
// before accepting.
struct Proposal {
  std::string record_id;
  std::string source;
  std::string source_item_id;
  int32_t cluster = 0;
  double distance = 0;          // From the cluster's centre, 0 to 2.
  Label label = LABEL_UNKNOWN;  // LABEL_UNKNOWN: none is proposed.
  double share = 0;             // As in ClusterSummary.
  int64_t anchors = 0;
};

// RFC 4180, a header and a line each: record_id, source, item, cluster,
// distance, proposed_label, evidence (always "inferred"), anchor_share,
// anchors.
std::string ProposalsToCsv(absl::Span<const Proposal> proposals);

// Columns in any order; unknown ones are ignored.
// kInvalidArgument names `file`, the line and what is wrong: no such CSV, a
// record id that is none or comes twice, no such label, another evidence, a
// number that is none or out of its range.
absl::StatusOr<std::vector<Proposal>> ProposalsFromCsv(absl::string_view csv,
                                                       absl::string_view file);

}  // namespace verso

#endif  // VERSO_INGEST_CLUSTER_PROPOSALS_H_
