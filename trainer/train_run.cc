#include "trainer/train_run.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"
#include "trainer/train_config.h"
#include "trainer/train_loop.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int kDefaultImageSize = 256;

fs::path RunDir(const TrainRequest& request, const SnapshotInfo& snapshot) {
  if (absl::StrContains(request.run, "/")) return ResolveUserPath(request.run);
  if (!request.run.empty()) return request.runs_dir / request.run;
  return request.runs_dir / absl::StrCat(snapshot.recipe().name(), "-",
                                         snapshot.id().substr(0, 8), "-",
                                         request.config.model());
}

// The snapshot that a run of this name has used; empty when there is none.
std::string SnapshotOfRun(const TrainRequest& request) {
  if (request.run.empty()) return "";
  const absl::StatusOr<std::string> text =
      ReadFile(RunDir(request, SnapshotInfo()) / "config.textproto");
  TrainConfig before;
  if (!text.ok() || !ParseTextProto(*text, "", before).ok()) return "";
  return before.snapshot();
}

absl::StatusOr<SnapshotInfo> FindSnapshot(const TrainRequest& request,
                                          ShardStore& store) {
  std::string wanted = request.config.snapshot();
  if (wanted.empty()) wanted = SnapshotOfRun(request);
  if (!wanted.empty()) return store.GetSnapshot(wanted);
  ASSIGN_OR_RETURN(std::vector<SnapshotInfo> all, store.ListSnapshots());
  if (all.empty()) {
    return absl::NotFoundError(
        absl::StrCat("store ", request.config.store(),
                     " has no snapshot to train on; freeze one with: bazel run "
                     "//shardstore -- snapshot --store=",
                     request.config.store(), " --recipe=d4_fair"));
  }
  return *std::max_element(all.begin(), all.end(),
                           [](const SnapshotInfo& a, const SnapshotInfo& b) {
                             return std::make_pair(a.created_at(), a.id()) <
                                    std::make_pair(b.created_at(), b.id());
                           });
}

absl::Status CheckSnapshot(const SnapshotInfo& snapshot, int world_size) {
  if (snapshot.train_samples() < world_size) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "snapshot %s has %d training samples, fewer than there are ranks (%d); "
        "ingest more, or freeze a larger --fraction",
        snapshot.id(), snapshot.train_samples(), world_size));
  }
  if (snapshot.validation_samples() == 0) {
    return absl::FailedPreconditionError(absl::StrFormat(
        "snapshot %s has no validation samples; ingest more, or freeze a "
        "larger --fraction",
        snapshot.id()));
  }
  return absl::OkStatus();
}

// Rank 0 chooses: a snapshot frozen at this moment must not part the ranks.
absl::StatusOr<SnapshotInfo> AgreeOnSnapshot(const TrainRequest& request,
                                             ShardStore& store,
                                             ProcessGroup& group) {
  absl::StatusOr<SnapshotInfo> chosen = SnapshotInfo();
  if (group.rank() == 0) chosen = FindSnapshot(request, store);
  RETURN_IF_ERROR(group.Agree(chosen.status()));
  ASSIGN_OR_RETURN(const std::string bytes,
                   group.BroadcastText(chosen->SerializeAsString()));
  SnapshotInfo agreed;
  if (!agreed.ParseFromString(bytes)) {
    return absl::InternalError("rank 0 sent a damaged snapshot description");
  }
  RETURN_IF_ERROR(CheckSnapshot(agreed, group.world_size()));
  return agreed;
}

absl::StatusOr<TrainConfig> Complete(TrainConfig config,
                                     const SnapshotInfo& snapshot,
                                     const ProcessGroup& group) {
  config.set_snapshot(snapshot.id());
  config.set_world_size(group.world_size());
  config.set_threads(at::get_num_threads());
  if (config.image_size() == 0) {
    const int prepared = snapshot.recipe().preparation().size();
    config.set_image_size(prepared > 0 ? prepared : kDefaultImageSize);
  }
  RETURN_IF_ERROR(CheckConfig(config));
  RETURN_IF_ERROR(CheckTransforms(TransformsOf(config)));
  return config;
}

// The network with its first weights; those of rank 0 count.
absl::StatusOr<std::shared_ptr<Network>> StartNetwork(
    const TrainConfig& config, ProcessGroup& group,
    const NetworkFactory& make_network) {
  at::manual_seed(config.seed());
  ASSIGN_OR_RETURN(std::shared_ptr<Network> network,
                   make_network(config.model()));
  absl::Status loaded;
  if (group.rank() == 0 && !config.weights().empty()) {
    const auto left_out = LoadPretrained(*network, config.weights());
    loaded = left_out.status();
    if (left_out.ok() && !left_out->empty()) {
      absl::FPrintF(stderr, "left as drawn, not in %s: %s\n", config.weights(),
                    absl::StrJoin(*left_out, ", "));
    }
  }
  RETURN_IF_ERROR(group.Agree(loaded));
  network->to(group.device());
  return network;
}

void SayWhatComes(const TrainConfig& config, const SnapshotInfo& snapshot,
                  const fs::path& run_dir) {
  absl::FPrintF(
      stderr,
      "training %s on snapshot %s (%s%s): %d training and %d validation "
      "samples, %d rank%s\nrun folder: %s\n",
      config.model(), snapshot.id(), snapshot.recipe().name(),
      snapshot.stand_in().empty() ? "" : ", " + snapshot.stand_in(),
      snapshot.train_samples(), snapshot.validation_samples(),
      config.world_size(), config.world_size() == 1 ? "" : "s",
      run_dir.string());
}

absl::Status TrainAgreed(const TrainRequest& request, ShardStore& store,
                         ProcessGroup& group,
                         const NetworkFactory& make_network) {
  TrainLoopOptions options;
  ASSIGN_OR_RETURN(options.snapshot, AgreeOnSnapshot(request, store, group));
  ASSIGN_OR_RETURN(options.config,
                   Complete(request.config, options.snapshot, group));
  ASSIGN_OR_RETURN(const std::shared_ptr<Network> network,
                   StartNetwork(options.config, group, make_network));
  const fs::path run_dir = RunDir(request, options.snapshot);
  options.run = run_dir.filename().string();
  options.decode_threads = request.decode_threads;
  absl::StatusOr<std::unique_ptr<RunLog>> log = std::unique_ptr<RunLog>();
  absl::StatusOr<std::vector<SampleRow>> table = std::vector<SampleRow>();
  if (group.rank() == 0) {
    table = store.ReadSampleTable(options.snapshot.id());
    log = RunLog::Open(run_dir, options.config, request.resume);
  }
  RETURN_IF_ERROR(group.Agree(table.status()));
  RETURN_IF_ERROR(group.Agree(log.status()));
  options.table = *std::move(table);
  options.log = log->get();
  if (group.rank() == 0) {
    SayWhatComes(options.config, options.snapshot, run_dir);
  }
  return TrainLoop(std::move(options), store, group, *network).Run();
}

}  // namespace

absl::Status TrainRun(const TrainRequest& request, ShardStore& store,
                      ProcessGroup& group, const NetworkFactory& make_network) {
  try {
    return TrainAgreed(request, store, group, make_network);
  } catch (const std::exception& error) {
    return CollectiveError(error.what());
  }
}

}  // namespace verso
