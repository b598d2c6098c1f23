// The binary `trainer`: starts one rank per GPU, or is one.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/main.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/server_address.h"
#include "shardstore/shard_store.h"
#include "torch/cuda.h"
#include "trainer/features_main.h"
#include "trainer/launcher.h"
#include "trainer/network.h"
#include "trainer/process_group.h"
#include "trainer/rendezvous.h"
#include "trainer/train_config.h"
#include "trainer/train_run.h"
#include "trainer/transforms.h"

ABSL_FLAG(std::string, store, "",
          "directory of a store, or the address of a server (host:port, "
          "unix:/path); empty: $VERSO_HOME/store");
ABSL_FLAG(std::string, snapshot, "",
          "id or name of the data set; empty: that of the run that goes on, "
          "else the newest");
ABSL_FLAG(std::string, run, "",
          "name of the run, below $VERSO_HOME/runs; empty: made from snapshot "
          "and model");
ABSL_FLAG(std::string, run_dir, "", "folder of the run, instead of --run");
ABSL_FLAG(std::string, resume, "auto",
          "auto: go on with a run of the same configuration; never: only a new "
          "run; force: go on although the configuration differs");
ABSL_FLAG(std::string, model, "efficientnet_v2_s",
          "network: efficientnet_v2_s or efficientnet_lite0");
ABSL_FLAG(std::string, weights, "",
          "safetensors file of weights to start from, with torchvision's "
          "names; empty: random ones");
ABSL_FLAG(int, image_size, 0,
          "side of the network's input in pixels; 0: that of the snapshot's "
          "pictures, or 256");
ABSL_FLAG(std::string, image_fit, "resize",
          "resize: squash pictures to the square; crop: take a square of their "
          "own pixels");
ABSL_FLAG(int64_t, batch_size, 128, "samples of a step, over all ranks");
ABSL_FLAG(double, lr, 1e-6,
          "learning rate of AdamW; the default is the paper's, for pretrained "
          "weights: from scratch take 1e-3");
ABSL_FLAG(double, weight_decay, 0.01, "weight decay of AdamW");
ABSL_FLAG(int64_t, epochs, 10, "how often each training sample is seen");
ABSL_FLAG(int64_t, max_steps, 0, "stop after so many steps; 0: after --epochs");
ABSL_FLAG(int64_t, validate_every_steps, 0,
          "validate and write a checkpoint so often; 0: at each end of an "
          "epoch");
ABSL_FLAG(uint64_t, seed, 0, "of weights, order, crops and noise");
ABSL_FLAG(double, blur_sigma, 0,
          "Gaussian blur, kernel 7, in training and inference; 0: none (the "
          "paper: 2)");
ABSL_FLAG(double, noise_sigma, 0,
          "noise on 0..1 pixels, after the blur, in training and inference; 0: "
          "none (the paper: 0.1)");
ABSL_FLAG(bool, grayscale, false, "take the colour away");
ABSL_FLAG(bool, normalize, true,
          "subtract ImageNet's mean, divide by its "
          "deviation");
ABSL_FLAG(double, alpha, 0.05,
          "how much of any human validation source may be called generated at "
          "the threshold");
ABSL_FLAG(std::string, device, "auto",
          "auto: CUDA where there is a GPU; cpu; cuda");
ABSL_FLAG(int, ranks, 0,
          "processes to start here; 0: one per GPU, or one on a CPU. Unused "
          "under torchrun and srun");
ABSL_FLAG(int, threads, 0,
          "CPU threads a rank computes with; 0: this machine's cores / ranks");
ABSL_FLAG(int, decode_threads, 0,
          "threads a rank decodes with; 0: one on a CPU, else cores / ranks");
ABSL_FLAG(int, rank, -1, "rank of this process; -1: see --ranks");
ABSL_FLAG(int, world_size, -1, "ranks in all, with --rank");
ABSL_FLAG(int, local_rank, -1, "GPU of this process, with --rank");
ABSL_FLAG(std::string, master_addr, "127.0.0.1", "host of rank 0, with --rank");
ABSL_FLAG(int, master_port, 29500, "free port on it, with --rank");

namespace verso {
namespace {

constexpr char kUsage[] =
    R"(trainer: learns to tell human art from generated art.

  bazel run //trainer
      trains on the newest snapshot of the default store, on every GPU here;
      "train" may be left out
  bazel run //trainer -- --store=127.0.0.1:7701 --snapshot=d4_fair --run=first
      streams from a server; the run is $VERSO_HOME/runs/first
  bazel run //trainer -- --ranks=2 --model=efficientnet_lite0 --lr=1e-3
      --image_size=96 --image_fit=crop --batch_size=32 --epochs=3
      two ranks on a CPU
  bazel run //trainer -- --weights=efficientnet_v2_s.safetensors
      --blur_sigma=2 --noise_sigma=0.1
      the paper's noisy training
  bazel run //trainer -- features --out=features.safetensors
      writes what a trained network, without its head, makes of each record of
      the store; `bazel run //ingest -- cluster` groups records by it. Of the
      newest best checkpoint, or of --checkpoint=RUN/best; or of --model with
      --weights=FILE, ImageNet's, which know more of pictures than a short
      training does. Ctrl-C keeps what was done; the same command goes on
  torchrun --no-python --nproc-per-node=8 bazel-bin/trainer/trainer ...
  srun --ntasks=16 bazel-bin/trainer/trainer ...
      ranks started by others; --rank, --world_size, --local_rank,
      --master_addr and --master_port do the same by hand

Each validation writes a checkpoint to checkpoints/ in the run's folder, with
the threshold frozen in it; the link `best` is the one of lowest validation
loss, log.csv has a line a step. SIGTERM and SIGINT save and end with 75: the
same command goes on.)";

std::optional<int> Given(int flag) {
  return flag < 0 ? std::nullopt : std::optional<int>(flag);
}

absl::StatusOr<std::optional<Rendezvous>> RendezvousHere() {
  RendezvousFlags flags;
  flags.rank = Given(absl::GetFlag(FLAGS_rank));
  flags.world_size = Given(absl::GetFlag(FLAGS_world_size));
  flags.local_rank = Given(absl::GetFlag(FLAGS_local_rank));
  flags.master_addr = absl::GetFlag(FLAGS_master_addr);
  flags.master_port = absl::GetFlag(FLAGS_master_port);
  return FindRendezvous(flags, ProcessEnvironment());
}

absl::StatusOr<ResumePolicy> Policy() {
  const std::string resume = absl::GetFlag(FLAGS_resume);
  if (resume == "auto") return ResumePolicy::kAuto;
  if (resume == "never") return ResumePolicy::kNever;
  if (resume == "force") return ResumePolicy::kForce;
  return absl::InvalidArgumentError(
      absl::StrCat("--resume=", resume, " must be auto, never or force"));
}

std::string StoreLocation() {
  const std::string store = absl::GetFlag(FLAGS_store);
  if (store.empty()) return DefaultStoreDir().string();
  return IsServerAddress(store) ? store : ResolveUserPath(store).string();
}

TrainConfig ConfigOfFlags() {
  TrainConfig config;
  config.set_store(StoreLocation());
  config.set_snapshot(absl::GetFlag(FLAGS_snapshot));
  config.set_model(absl::GetFlag(FLAGS_model));
  if (const std::string file = absl::GetFlag(FLAGS_weights); !file.empty()) {
    config.set_weights(ResolveUserPath(file).string());
  }
  config.set_image_size(absl::GetFlag(FLAGS_image_size));
  config.set_image_fit(absl::GetFlag(FLAGS_image_fit));
  config.set_global_batch(absl::GetFlag(FLAGS_batch_size));
  config.set_learning_rate(absl::GetFlag(FLAGS_lr));
  config.set_weight_decay(absl::GetFlag(FLAGS_weight_decay));
  config.set_epochs(absl::GetFlag(FLAGS_epochs));
  config.set_max_steps(absl::GetFlag(FLAGS_max_steps));
  config.set_validate_every_steps(absl::GetFlag(FLAGS_validate_every_steps));
  config.set_seed(absl::GetFlag(FLAGS_seed));
  config.set_blur_sigma(absl::GetFlag(FLAGS_blur_sigma));
  config.set_noise_sigma(absl::GetFlag(FLAGS_noise_sigma));
  config.set_grayscale(absl::GetFlag(FLAGS_grayscale));
  config.set_normalize(absl::GetFlag(FLAGS_normalize));
  config.set_alpha(absl::GetFlag(FLAGS_alpha));
  return config;
}

absl::Status CheckModel(const std::string& model) {
  const std::vector<std::string> names = NetworkNames();
  for (const std::string& name : names) {
    if (name == model) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--model=", model, " must be one of ", absl::StrJoin(names, ", ")));
}

absl::Status CheckRunName(const std::string& run) {
  if (run.find('/') == std::string::npos && run[0] != '.') {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--run=", run,
                   " must be a name, not a path; give a folder as "
                   "--run_dir"));
}

absl::Status CheckThreads(const char* flag, int threads) {
  constexpr int kMost = 256;
  if (threads >= 0 && threads <= kMost) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", threads, " must be in 0..", kMost));
}

// What can be seen to be wrong before any rank is started.
absl::StatusOr<TrainRequest> RequestOfFlags(int world_size) {
  TrainRequest request;
  request.config = ConfigOfFlags();
  request.run = absl::GetFlag(FLAGS_run);
  RETURN_IF_ERROR(CheckRunName(request.run));
  RETURN_IF_ERROR(CheckThreads("threads", absl::GetFlag(FLAGS_threads)));
  RETURN_IF_ERROR(
      CheckThreads("decode_threads", absl::GetFlag(FLAGS_decode_threads)));
  if (const std::string dir = absl::GetFlag(FLAGS_run_dir); !dir.empty()) {
    request.run = ResolveUserPath(dir).string();
  }
  request.runs_dir = DefaultRunsDir();
  ASSIGN_OR_RETURN(request.resume, Policy());
  TrainConfig whole = request.config;
  whole.set_world_size(world_size);
  if (whole.image_size() == 0) whole.set_image_size(256);
  RETURN_IF_ERROR(CheckConfig(whole));
  RETURN_IF_ERROR(CheckTransforms(TransformsOf(whole)));
  RETURN_IF_ERROR(CheckModel(whole.model()));
  return request;
}

// How many GPUs may be used; 0: the CPU.
absl::StatusOr<int> Gpus() {
  const std::string device = absl::GetFlag(FLAGS_device);
  if (device == "cpu") return 0;
  if (device != "auto" && device != "cuda") {
    return absl::InvalidArgumentError(
        absl::StrCat("--device=", device, " must be auto, cpu or cuda"));
  }
  const int gpus = torch::cuda::device_count();
  if (device == "cuda" && gpus == 0) {
    return absl::InvalidArgumentError(
        "--device=cuda, but this machine has no GPU that this build can use");
  }
  return gpus;
}

absl::StatusOr<c10::Device> DeviceOf(const Rendezvous& rendezvous, int gpus) {
  if (gpus == 0) return c10::Device(c10::kCPU);
  if (!rendezvous.local_rank && gpus > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", gpus,
        " GPUs and nothing says which one is this rank's: set LOCAL_RANK or "
        "--local_rank"));
  }
  const int gpu = rendezvous.local_rank.value_or(0);
  if (gpu >= gpus) {
    return absl::InvalidArgumentError(
        absl::StrCat("local rank ", gpu, " needs a GPU of its own, but there ",
                     gpus == 1 ? "is 1" : absl::StrCat("are ", gpus)));
  }
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(gpu));
}

// Fixed: the order of summation, and so the weights, depends on the number.
int SetUpCompute(const Rendezvous& rendezvous, c10::Device device) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int share = std::max(1, cores / rendezvous.local_world_size);
  const int threads = absl::GetFlag(FLAGS_threads);
  at::set_num_threads(threads > 0 ? threads : share);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  const int decode = absl::GetFlag(FLAGS_decode_threads);
  if (decode > 0) return decode;
  return device.is_cuda() ? share : 1;
}

absl::StatusOr<std::unique_ptr<ShardStore>> OpenStore(
    const std::string& location) {
  auto store = OpenShardStore(location, StoreAccess::kRead);
  if (!absl::IsNotFound(store.status())) return store;
  return absl::NotFoundError(
      absl::StrCat("there is no store at ", location,
                   "; fill one with: bazel run //ingest "
                   "-- run --contact=URL_OR_ADDRESS --store=",
                   location,
                   ", then freeze a data set with: bazel run "
                   "//shardstore -- snapshot --store=",
                   location, " --recipe=d4_fair"));
}

absl::Status TrainHere(const TrainRequest& request, ProcessGroup& group,
                       const NetworkFactory& make_network) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardStore> store,
                   OpenStore(request.config.store()));
  return TrainRun(request, *store, group, make_network);
}

// The exit code of a rank whose run ended so. One rank alone tells the user.
int Report(const absl::Status& status, ProcessGroup& group) {
  if (status.ok()) return kExitDone;
  if (absl::IsCancelled(status)) {
    return group.rank() == 0 ? ExitCodeOf(status) : kExitStopped;
  }
  // kAborted: ProcessGroup::Agree() says that the cause is another rank's.
  if (absl::IsAborted(status) || !group.ClaimFailure()) return kExitFailed;
  if (group.world_size() == 1) return ExitCodeOf(status);
  return ExitCodeOf(absl::Status(
      status.code(),
      absl::StrCat("rank ", group.rank(), ": ", status.message())));
}

int RunRank(const Rendezvous& rendezvous, int gpus, TrainRequest request,
            const NetworkFactory& make_network, CudaBackend cuda_backend) {
  const absl::StatusOr<c10::Device> device = DeviceOf(rendezvous, gpus);
  if (!device.ok()) return UsageError(device.status().message());
  request.decode_threads = SetUpCompute(rendezvous, *device);
  auto group = ProcessGroup::Connect(rendezvous, *device, cuda_backend);
  if (!group.ok()) return ExitCodeOf(group.status());
  const absl::Status trained = TrainHere(request, **group, make_network);
  if (trained.ok() || absl::IsCancelled(trained)) {
    const absl::Status ended = (*group)->Shutdown();
    if (ended.ok()) return Report(trained, **group);
  }
  const int code = Report(trained, **group);
  // Destructors of a broken group wait for ranks that are gone, or abort.
  std::fflush(nullptr);
  std::_Exit(code);
}

int StartRanks(int ranks, int argc, char** argv) {
  LaunchOptions options;
  options.argv.assign(argv, argv + argc);
  options.argv[0] = std::filesystem::read_symlink("/proc/self/exe").string();
  options.ranks = ranks;
  const auto server = RendezvousServer::Start();
  if (!server.ok()) return ExitCodeOf(server.status());
  options.store_port = (*server)->port();
  return LaunchRanks(options);
}

// What `features` shares with training.
absl::StatusOr<FeatureRequest> FeatureRequestOfFlags() {
  FeatureRequest request;
  request.store = StoreLocation();
  TrainConfig config = ConfigOfFlags();
  constexpr int kImageNetSize = 224;
  if (config.image_size() == 0) config.set_image_size(kImageNetSize);
  request.model = config.model();
  request.weights = config.weights();
  request.transforms = TransformsOf(config);
  RETURN_IF_ERROR(CheckTransforms(request.transforms));
  RETURN_IF_ERROR(CheckModel(request.model));
  const std::string device = absl::GetFlag(FLAGS_device);
  if (device != "auto") {
    request.device = device == "cpu" ? Device::kCpu : Device::kCuda;
  }
  return request;
}

int RunFeatures() {
  const auto request = FeatureRequestOfFlags();
  if (!request.ok()) return UsageError(request.status().message());
  InstallStopSignals();
  return FeaturesMain(*request);
}

}  // namespace

int TrainerMain(int argc, char** argv, const NetworkFactory& make_network,
                CudaBackend cuda_backend) {
  const CommandLine line = ParseCommandLine(argc, argv, kUsage);
  const bool features = line.subcommand == "features";
  if (!line.args.empty() ||
      (!line.subcommand.empty() && line.subcommand != "train" && !features)) {
    return UsageError(
        absl::StrCat("unknown argument ",
                     line.args.empty() ? line.subcommand : line.args.front()));
  }
  const absl::StatusOr<int> gpus = Gpus();
  if (!gpus.ok()) return UsageError(gpus.status().message());
  if (features) return RunFeatures();
  const auto found = RendezvousHere();
  if (!found.ok()) return UsageError(found.status().message());
  int ranks = absl::GetFlag(FLAGS_ranks);
  if (ranks < 0) return UsageError("--ranks must be at least 0");
  if (ranks == 0) ranks = std::max(1, *gpus);
  const auto request = RequestOfFlags(*found ? (*found)->world_size : ranks);
  if (!request.ok()) return UsageError(request.status().message());
  InstallStopSignals();
  if (*found)
    return RunRank(**found, *gpus, *request, make_network, cuda_backend);
  if (ranks > 1) return StartRanks(ranks, argc, argv);
  Rendezvous alone;
  alone.local_rank = 0;
  return RunRank(alone, *gpus, *request, make_network, cuda_backend);
}

}  // namespace verso
