#include "ingest/cluster/proposals.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/check.h"
#include "common/base/wilson.h"
#include "shardstore/sample_table.h"

namespace verso {

Standing StandingOf(const Provenance& provenance) {
  const Label label = provenance.label();
  if (label == LABEL_UNKNOWN ||
      provenance.label_evidence() == LABEL_EVIDENCE_INFERRED) {
    return Standing::kUnlabelled;
  }
  const bool certain = provenance.label_evidence() != LABEL_EVIDENCE_UNKNOWN;
  return certain && (label == LABEL_HUMAN || label == LABEL_GENERATED)
             ? Standing::kAnchor
             : Standing::kOther;
}

absl::Status CheckProposalOptions(const ProposalOptions& options) {
  // Negated, so that NaN is refused too.
  if (!(options.min_purity >= 0.5 && options.min_purity < 1)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--min_purity=%g must be at least 0.5 and below 1",
                        options.min_purity));
  }
  if (options.min_anchors >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "--min_anchors=%d must be at least 1", options.min_anchors));
}

std::vector<ClusterSummary> Summarize(absl::Span<const ClusterMember> members,
                                      int32_t clusters,
                                      const ProposalOptions& options) {
  std::vector<ClusterSummary> summaries(clusters);
  for (int32_t i = 0; i < clusters; ++i) summaries[i].cluster = i;
  for (const ClusterMember& member : members) {
    VERSO_CHECK(member.cluster >= 0 && member.cluster < clusters);
    ClusterSummary& summary = summaries[member.cluster];
    ++summary.records;
    summary.unlabelled += member.standing == Standing::kUnlabelled;
    if (member.standing != Standing::kAnchor) continue;
    ++(member.label == LABEL_HUMAN ? summary.human : summary.generated);
  }
  for (ClusterSummary& summary : summaries) {
    if (summary.anchors() == 0) continue;
    const int64_t most = std::max(summary.human, summary.generated);
    summary.share = static_cast<double>(most) / summary.anchors();
    summary.share_low = WilsonInterval(most, summary.anchors()).low;
    if (summary.anchors() < options.min_anchors ||
        summary.share_low < options.min_purity) {
      continue;
    }
    summary.proposal = summary.human == most ? LABEL_HUMAN : LABEL_GENERATED;
  }
  return summaries;
}

std::string FormatSummaries(absl::Span<const ClusterSummary> summaries) {
  std::string table =
      "cluster  records  unlabelled  human  generated  share  at least  "
      "proposal\n";
  for (const ClusterSummary& s : summaries) {
    absl::StrAppendFormat(&table, "%7d  %7d  %10d  %5d  %9d  ", s.cluster,
                          s.records, s.unlabelled, s.human, s.generated);
    if (s.anchors() == 0) {
      table += "    -         -  unknown\n";
      continue;
    }
    absl::StrAppendFormat(&table, "%5.3f  %8.3f  %s\n", s.share, s.share_low,
                          LabelName(s.proposal));
  }
  return table;
}

}  // namespace verso
