#include "trainer/features_main.h"

#include <cstdio>
#include <memory>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/main.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_store.h"
#include "trainer/feature_extractor.h"
#include "trainer/newest_checkpoint.h"
#include "trainer/store_features.h"

ABSL_FLAG(std::string, checkpoint, "",
          "features: folder of the checkpoint whose network is used; empty: "
          "the best of the newest run in $VERSO_HOME/runs, unless there is "
          "--weights");
ABSL_FLAG(std::vector<std::string>, source, {},
          "features: records of these sources; empty: of all");
ABSL_FLAG(std::vector<std::string>, label, {},
          "features: records with these labels (human, generated, mixed, "
          "unknown); empty: with any. Grouping needs labelled ones too");
ABSL_FLAG(std::string, out, "features.safetensors",
          "features: the file that is written; one that is there is gone on "
          "with");

namespace verso {
namespace {

absl::StatusOr<RecordQuery> QueryOfFlags() {
  RecordQuery query;
  for (const std::string& source : absl::GetFlag(FLAGS_source)) {
    query.add_source(source);
  }
  for (const std::string& name : absl::GetFlag(FLAGS_label)) {
    ASSIGN_OR_RETURN(const Label label, LabelOfName(name));
    query.add_label(label);
  }
  if (absl::GetFlag(FLAGS_out).empty()) {
    return absl::InvalidArgumentError("--out must name a file");
  }
  return query;
}

absl::StatusOr<std::unique_ptr<FeatureExtractor>> ExtractorOf(
    const FeatureRequest& request) {
  FeatureOptions options;
  options.device = request.device;
  if (!request.weights.empty()) {
    return MakeFeatureExtractor(request.model, request.weights,
                                request.transforms, options);
  }
  ASSIGN_OR_RETURN(const std::filesystem::path checkpoint,
                   CheckpointOfFlag(absl::GetFlag(FLAGS_checkpoint)));
  return LoadFeatureExtractor(checkpoint, options);
}

absl::Status Features(const FeatureRequest& request, const RecordQuery& query) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenShardStore(request.store, StoreAccess::kRead));
  ASSIGN_OR_RETURN(const auto extractor, ExtractorOf(request));
  const std::filesystem::path out = ResolveUserPath(absl::GetFlag(FLAGS_out));
  absl::FPrintF(stderr, "network: %s\n", extractor->identity());
  ASSIGN_OR_RETURN(const FeatureCounts counts,
                   WriteStoreFeatures(*store, query, *extractor, out));
  absl::PrintF(
      "%s: features of %d records (%d were there before); %d unreadable\n",
      out.string(), counts.computed + counts.kept, counts.kept,
      counts.unreadable);
  return absl::OkStatus();
}

}  // namespace

int FeaturesMain(const FeatureRequest& request) {
  if (!request.weights.empty() && !absl::GetFlag(FLAGS_checkpoint).empty()) {
    return UsageError("--checkpoint and --weights are two networks: give one");
  }
  const absl::StatusOr<RecordQuery> query = QueryOfFlags();
  if (!query.ok()) return UsageError(query.status().message());
  return ExitCodeOf(Features(request, *query));
}

}  // namespace verso
