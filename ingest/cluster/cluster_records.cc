#include "ingest/cluster/cluster_records.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/progress.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "ingest/cluster/k_means.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

constexpr int64_t kJudgementsInACall = 10'000;

// Calls `visit` for each record that is served; damaged ones are passed over.
absl::Status ForEachRecord(
    ShardStore& store,
    const std::function<void(const std::string& id, const Provenance&)>&
        visit) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                   store.Query(RecordQuery()));
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    const absl::StatusOr<std::optional<Record>> record = reader->Next();
    if (absl::IsDataLoss(record.status())) continue;
    RETURN_IF_ERROR(record.status());
    if (!record->has_value()) return absl::OkStatus();
    const Provenance& provenance = (*record)->provenance();
    visit(RecordIdOf(provenance.sha256()), provenance);
  }
}

// What the store knows of a row of the table.
struct KnownRow {
  bool known = false;
  Standing standing = Standing::kOther;
  Label label = LABEL_UNKNOWN;
  std::string source;
  std::string source_item_id;  // Of those without a certain label.
};

absl::StatusOr<std::vector<KnownRow>> LookUp(const FeatureTable& features,
                                             ShardStore& store) {
  absl::flat_hash_map<absl::string_view, int64_t> rows;
  for (int64_t i = 0; i < features.rows(); ++i) {
    rows.emplace(features.record_ids[i], i);
  }
  std::vector<KnownRow> known(features.rows());
  RETURN_IF_ERROR(ForEachRecord(
      store, [&](const std::string& id, const Provenance& provenance) {
        const auto found = rows.find(id);
        if (found == rows.end()) return;
        KnownRow& row = known[found->second];
        row = {.known = true,
               .standing = StandingOf(provenance),
               .label = provenance.label(),
               .source = provenance.source()};
        if (row.standing != Standing::kUnlabelled) return;
        row.source_item_id = provenance.source_item_id();
      }));
  return known;
}

// Drops the rows that the store does not know, in place. Returns how many.
int64_t DropUnknown(FeatureTable& features, std::vector<KnownRow>& known) {
  const int64_t d = features.dimensions;
  int64_t kept = 0;
  for (int64_t i = 0; i < features.rows(); ++i) {
    if (!known[i].known) continue;
    if (kept != i) {
      known[kept] = std::move(known[i]);
      features.record_ids[kept] = std::move(features.record_ids[i]);
      std::copy_n(features.values.begin() + i * d, d,
                  features.values.begin() + kept * d);
    }
    ++kept;
  }
  const int64_t dropped = features.rows() - kept;
  known.resize(kept);
  features.record_ids.resize(kept);
  features.values.resize(kept * d);
  return dropped;
}

absl::StatusOr<KMeansResult> Group(FeatureTable& features, int clusters) {
  NormalizeRows(features.dimensions, absl::MakeSpan(features.values));
  ProgressLine progress;
  KMeansOptions options;
  options.clusters = clusters > 0 ? clusters : DefaultClusters(features.rows());
  options.on_round = [&](int round, double inertia) {
    progress.Update(
        absl::StrFormat("round %d of at most %d: mean squared distance %.5f",
                        round, options.max_rounds, inertia / features.rows()));
    return CheckNotStopped();
  };
  return KMeans(features.values, features.dimensions, options);
}

int64_t CountOfNewSources(absl::Span<const KnownRow> known,
                          absl::Span<const Proposal> proposals) {
  absl::flat_hash_set<absl::string_view> anchored;
  for (const KnownRow& row : known) {
    if (row.standing == Standing::kAnchor) anchored.insert(row.source);
  }
  return std::count_if(proposals.begin(), proposals.end(),
                       [&](const Proposal& proposal) {
                         return proposal.label != LABEL_UNKNOWN &&
                                !anchored.contains(proposal.source);
                       });
}

std::vector<Proposal> ProposalsOf(const FeatureTable& features,
                                  absl::Span<const KnownRow> known,
                                  const KMeansResult& grouped,
                                  absl::Span<const ClusterSummary> summaries) {
  std::vector<Proposal> proposals;
  for (int64_t i = 0; i < features.rows(); ++i) {
    if (known[i].standing != Standing::kUnlabelled) continue;
    const ClusterSummary& summary = summaries[grouped.cluster[i]];
    proposals.push_back({.record_id = features.record_ids[i],
                         .source = known[i].source,
                         .source_item_id = known[i].source_item_id,
                         .cluster = summary.cluster,
                         .distance = grouped.distance[i],
                         .label = summary.proposal,
                         .share = summary.share,
                         .anchors = summary.anchors()});
  }
  std::sort(proposals.begin(), proposals.end(),
            [](const Proposal& a, const Proposal& b) {
              return std::tie(a.cluster, a.distance, a.record_id) <
                     std::tie(b.cluster, b.distance, b.record_id);
            });
  return proposals;
}

// The proposals of the clusters that are accepted, by record id.
absl::StatusOr<absl::flat_hash_map<std::string, const Proposal*>> Chosen(
    absl::Span<const Proposal> proposals, absl::Span<const int32_t> clusters) {
  const absl::flat_hash_set<int32_t> wanted(clusters.begin(), clusters.end());
  absl::flat_hash_set<int32_t> found;
  absl::flat_hash_map<std::string, const Proposal*> chosen;
  for (const Proposal& proposal : proposals) {
    if (!wanted.contains(proposal.cluster)) continue;
    if (proposal.label != LABEL_HUMAN && proposal.label != LABEL_GENERATED) {
      return absl::InvalidArgumentError(
          absl::StrCat("no label is proposed for cluster ", proposal.cluster));
    }
    found.insert(proposal.cluster);
    chosen[proposal.record_id] = &proposal;
  }
  for (const int32_t cluster : clusters) {
    if (found.contains(cluster)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("there is no cluster ", cluster, " among the proposals"));
  }
  return chosen;
}

Judgement JudgementOf(const Proposal& proposal, absl::string_view who) {
  Judgement judgement;
  judgement.set_record_id(proposal.record_id);
  judgement.set_action(JUDGEMENT_ACTION_LABEL);
  judgement.set_label(proposal.label);
  judgement.set_evidence(LABEL_EVIDENCE_INFERRED);
  judgement.set_who(std::string(who));
  judgement.set_reason(absl::StrFormat(
      "looks like a cluster of which %.1f %% of %d labelled records are %s",
      100 * proposal.share, proposal.anchors, LabelName(proposal.label)));
  return judgement;
}

}  // namespace

absl::StatusOr<ClusteredRecords> ClusterRecords(FeatureTable features,
                                                ShardStore& store,
                                                const ClusterOptions& options) {
  RETURN_IF_ERROR(CheckProposalOptions(options.proposal));
  if (options.clusters < 0) {
    return absl::InvalidArgumentError("--clusters must not be negative");
  }
  ASSIGN_OR_RETURN(std::vector<KnownRow> known, LookUp(features, store));
  ClusteredRecords result;
  result.absent = DropUnknown(features, known);
  if (features.rows() == 0) {
    return absl::NotFoundError(
        "the store has none of the records of the features: are they of "
        "another store?");
  }
  ASSIGN_OR_RETURN(const KMeansResult grouped,
                   Group(features, options.clusters));
  std::vector<ClusterMember> members;
  for (int64_t i = 0; i < features.rows(); ++i) {
    members.push_back({.cluster = grouped.cluster[i],
                       .standing = known[i].standing,
                       .label = known[i].label});
  }
  result.clusters = Summarize(members, grouped.clusters, options.proposal);
  result.proposals = ProposalsOf(features, known, grouped, result.clusters);
  result.of_new_sources = CountOfNewSources(known, result.proposals);
  return result;
}

absl::StatusOr<AcceptedRecords> AcceptProposals(
    absl::Span<const Proposal> proposals, absl::Span<const int32_t> clusters,
    absl::string_view who, ShardStore& store) {
  ASSIGN_OR_RETURN(const auto chosen, Chosen(proposals, clusters));
  AcceptedRecords accepted;
  std::vector<Judgement> judgements;
  int64_t present = 0;
  RETURN_IF_ERROR(ForEachRecord(
      store, [&](const std::string& id, const Provenance& provenance) {
        const auto found = chosen.find(id);
        if (found == chosen.end()) return;
        ++present;
        if (StandingOf(provenance) != Standing::kUnlabelled) {
          ++accepted.certain;
        } else if (provenance.label() == found->second->label) {
          ++accepted.before;
        } else {
          judgements.push_back(JudgementOf(*found->second, who));
        }
      }));
  accepted.absent = static_cast<int64_t>(chosen.size()) - present;
  for (size_t i = 0; i < judgements.size(); i += kJudgementsInACall) {
    RETURN_IF_ERROR(CheckNotStopped());
    const auto part =
        absl::MakeConstSpan(judgements).subspan(i, kJudgementsInACall);
    RETURN_IF_ERROR(store.Judge(part));
    accepted.labelled += static_cast<int64_t>(part.size());
  }
  return accepted;
}

}  // namespace verso
