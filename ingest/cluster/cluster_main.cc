#include "ingest/cluster/cluster_main.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/safetensors/feature_file.h"
#include "ingest/cluster/cluster_records.h"
#include "ingest/cluster/proposals.h"
#include "shardstore/shard_store.h"

ABSL_FLAG(std::string, features, "features.safetensors",
          "cluster: what `bazel run //trainer -- features` wrote of the store");
ABSL_FLAG(std::string, out, "proposals.csv",
          "cluster: gets a line for each record without a certain label");
ABSL_FLAG(int, clusters, 0,
          "cluster: how many groups are sought; 0: sqrt(records / 2)");
ABSL_FLAG(double, min_purity, verso::ProposalOptions().min_purity,
          "cluster: a label is proposed where so large a share of a group's "
          "labelled records has it for certain, by the lower end of its 95 % "
          "interval: 0.8 takes 16 that all agree, 0.9 takes 35");
ABSL_FLAG(int64_t, min_anchors, verso::ProposalOptions().min_anchors,
          "cluster: and where there are so many labelled records");

namespace verso {
namespace {

absl::Status Cluster(const std::string& location,
                     const ClusterOptions& options) {
  ASSIGN_OR_RETURN(
      FeatureTable features,
      ReadFeatureFile(ResolveUserPath(absl::GetFlag(FLAGS_features))));
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(location, StoreAccess::kRead));
  ASSIGN_OR_RETURN(const ClusteredRecords result,
                   ClusterRecords(std::move(features), *store, options));
  const std::filesystem::path out = ResolveUserPath(absl::GetFlag(FLAGS_out));
  RETURN_IF_ERROR(WriteFileAtomically(out, ProposalsToCsv(result.proposals)));
  absl::PrintF("%s", FormatSummaries(result.clusters));
  int64_t proposed = 0;
  for (const Proposal& proposal : result.proposals) {
    proposed += proposal.label != LABEL_UNKNOWN;
  }
  absl::PrintF(
      "%s: %d records without a certain label, for %d of them one is "
      "proposed\n",
      out.string(), result.proposals.size(), proposed);
  if (result.of_new_sources > 0) {
    absl::FPrintF(stderr,
                  "warning: %d of these are of sources without any certain "
                  "label; such proposals are wrong more often, look at the "
                  "pictures before you accept\n",
                  result.of_new_sources);
  }
  if (result.absent > 0) {
    absl::PrintF("%d records of the features are not in the store\n",
                 result.absent);
  }
  return absl::OkStatus();
}

// An error is wrong use of the program.
absl::StatusOr<std::vector<int32_t>> ClustersOf(
    const std::vector<std::string>& args) {
  std::vector<int32_t> clusters;
  for (size_t i = 1; i < args.size(); ++i) {
    int32_t cluster = 0;
    if (!absl::SimpleAtoi(args[i], &cluster) || cluster < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", args[i], "\" is no number of a cluster"));
    }
    clusters.push_back(cluster);
  }
  if (!clusters.empty()) return clusters;
  return absl::InvalidArgumentError(
      "accept needs the file of proposals and the numbers of clusters");
}

std::string ThisUser() {
  const char* user = std::getenv("USER");
  return user == nullptr ? "ingest" : absl::StrCat("ingest by ", user);
}

absl::Status Accept(const std::string& location, const std::string& file,
                    const std::vector<int32_t>& clusters) {
  const std::filesystem::path path = ResolveUserPath(file);
  ASSIGN_OR_RETURN(const std::string csv, ReadFile(path));
  ASSIGN_OR_RETURN(const std::vector<Proposal> proposals,
                   ProposalsFromCsv(csv, path.string()));
  // Writing would make a store where there is none.
  ASSIGN_OR_RETURN(std::unique_ptr<ShardStore> store,
                   OpenShardStore(location, StoreAccess::kRead));
  ASSIGN_OR_RETURN(store, OpenShardStore(location, StoreAccess::kWrite));
  ASSIGN_OR_RETURN(const AcceptedRecords accepted,
                   AcceptProposals(proposals, clusters, ThisUser(), *store));
  absl::PrintF(
      "%d records are labelled, evidence inferred; %d were before, %d have a "
      "certain label and keep it, %d are not there\n",
      accepted.labelled, accepted.before, accepted.certain, accepted.absent);
  return absl::OkStatus();
}

}  // namespace

int ClusterMain(const std::string& store) {
  ClusterOptions options;
  options.clusters = absl::GetFlag(FLAGS_clusters);
  options.proposal.min_purity = absl::GetFlag(FLAGS_min_purity);
  options.proposal.min_anchors = absl::GetFlag(FLAGS_min_anchors);
  if (options.clusters < 0) {
    return UsageError("--clusters must not be negative");
  }
  const absl::Status status = CheckProposalOptions(options.proposal);
  if (!status.ok()) return UsageError(status.message());
  return ExitCodeOf(Cluster(store, options));
}

int AcceptMain(const std::string& store, const std::vector<std::string>& args) {
  const auto clusters = ClustersOf(args);
  if (!clusters.ok()) return UsageError(clusters.status().message());
  return ExitCodeOf(Accept(store, args[0], *clusters));
}

}  // namespace verso
