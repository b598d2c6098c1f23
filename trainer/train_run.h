#ifndef VERSO_TRAINER_TRAIN_RUN_H_
#define VERSO_TRAINER_TRAIN_RUN_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/run.pb.h"
#include "shardstore/shard_store.h"
#include "trainer/network.h"
#include "trainer/process_group.h"
#include "trainer/run_log.h"

namespace verso {

struct TrainRequest {
  // Two fields may be left open: `snapshot` (that of the run that goes on, else
  // the newest) and `image_size` (the side of the prepared pictures, else 256).
  TrainConfig config;
  // A name below `runs_dir`, or a path (with a slash). Empty: named after the
  // snapshot and the model.
  std::string run;
  std::filesystem::path runs_dir;
  ResumePolicy resume = ResumePolicy::kAuto;
  int decode_threads = 1;
};

using NetworkFactory =
    std::function<absl::StatusOr<std::shared_ptr<Network>>(absl::string_view)>;

// One rank's whole part of a run: chooses the snapshot, prepares the run's
// folder (rank 0) and the network, and trains (see TrainLoop::Run(), whose
// failures these are). `make_network`: MakeNetwork().
// kNotFound, kFailedPrecondition: the store has no such snapshot, or one that
//   cannot be trained on; the message says what to run.
// kInvalidArgument: a value or a weights file that does not fit; it is named.
// Exceptions of LibTorch become a Status here.
absl::Status TrainRun(const TrainRequest& request, ShardStore& store,
                      ProcessGroup& group, const NetworkFactory& make_network);

}  // namespace verso

#endif  // VERSO_TRAINER_TRAIN_RUN_H_
