// Classifies picture files with a checkpoint: a table on stdout.

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/main.h"
#include "common/base/paths.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "trainer/classifier.h"
#include "trainer/newest_checkpoint.h"

ABSL_FLAG(std::string, checkpoint, "",
          "folder of a checkpoint, or a link to one; empty: the best of the "
          "newest run in $VERSO_HOME/runs");
ABSL_FLAG(int, draws, 1,
          "noise draws per picture, averaged, where the checkpoint has noise");
ABSL_FLAG(std::string, device, "auto",
          "auto (CUDA where there is a GPU), cpu or cuda");

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kUsage[] =
    "Tells for each picture file how likely it is generated.\n"
    "  bazel run //trainer:classify -- a.jpg b.png\n"
    "  bazel run //trainer:classify -- --checkpoint=RUN/best a.jpg\n"
    "Prints a line per file, tab-separated: path, probability of "
    "\"generated\",\n"
    "decision at the checkpoint's frozen threshold (human or generated).";

constexpr int64_t kMaxPictureBytes = int64_t{64} << 20;

// The files named on the command line. An unreadable one is an empty picture,
// whose reason is in `unreadable`. Not thread-safe.
class FileSource : public ImageSource {
 public:
  explicit FileSource(const std::vector<std::string>& paths) : paths_(paths) {}

  absl::StatusOr<std::optional<ClassifierInput>> Next() override {
    RETURN_IF_ERROR(CheckNotStopped());
    if (next_ == paths_.size()) return std::nullopt;
    ClassifierInput input;
    input.index = next_++;
    absl::StatusOr<std::string> bytes = Read(paths_[input.index]);
    if (bytes.ok()) {
      // The id that the picture has in a store, so that its noise is the same.
      input.sample_id = RecordIdOf(Sha256Hex(*bytes));
      input.image = *std::move(bytes);
    } else {
      unreadable_[input.index] = bytes.status();
    }
    return input;
  }

  // A pipe or a device may never end.
  static absl::StatusOr<std::string> Read(const std::string& path) {
    const fs::path file = ResolveUserPath(path);
    std::error_code ignored;
    if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
      return absl::InvalidArgumentError("this is not a regular file");
    }
    return ReadFile(file, kMaxPictureBytes);
  }

  // Why a file could not be read. Only once Predict() has returned.
  const std::map<uint64_t, absl::Status>& unreadable() const {
    return unreadable_;
  }

 private:
  const std::vector<std::string>& paths_;
  size_t next_ = 0;
  std::map<uint64_t, absl::Status> unreadable_;
};

// Keeps the mean logit of each picture. Not thread-safe.
class MeanLogits : public PredictionSink {
 public:
  struct Verdict {
    double sum = 0;
    int draws = 0;
    absl::Status status;
  };

  absl::Status Add(const Prediction& prediction) override {
    Verdict& verdict = verdicts_[prediction.index];
    verdict.status.Update(prediction.status);
    verdict.sum += prediction.logit;
    ++verdict.draws;
    return absl::OkStatus();
  }

  const std::map<uint64_t, Verdict>& verdicts() const { return verdicts_; }

 private:
  std::map<uint64_t, Verdict> verdicts_;
};

std::optional<Device> DeviceFlag() {
  const std::string name = absl::GetFlag(FLAGS_device);
  if (name == "auto") return Device::kAuto;
  if (name == "cpu") return Device::kCpu;
  if (name == "cuda") return Device::kCuda;
  return std::nullopt;
}

void PrintVerdict(const std::string& path, const MeanLogits::Verdict& verdict,
                  double threshold) {
  const double probability = 1 / (1 + std::exp(-verdict.sum / verdict.draws));
  std::printf("%s\t%.6f\t%s\n", path.c_str(), probability,
              probability >= threshold ? "generated" : "human");
}

absl::Status Run(const std::vector<std::string>& paths, Device device) {
  ASSIGN_OR_RETURN(const fs::path checkpoint,
                   CheckpointOfFlag(absl::GetFlag(FLAGS_checkpoint)));
  ClassifierOptions options;
  options.device = device;
  options.draws = absl::GetFlag(FLAGS_draws);
  ASSIGN_OR_RETURN(const auto classifier, LoadClassifier(checkpoint, options));
  std::fprintf(stderr, "checkpoint %s, threshold %.6f\n",
               fs::weakly_canonical(checkpoint).c_str(),
               classifier->manifest().threshold);
  FileSource source(paths);
  MeanLogits logits;
  RETURN_IF_ERROR(classifier->Predict(source, logits));

  int failed = 0;
  std::printf("path\tprobability\tdecision\n");
  for (const auto& [index, verdict] : logits.verdicts()) {
    const auto unread = source.unreadable().find(index);
    const absl::Status& status =
        unread == source.unreadable().end() ? verdict.status : unread->second;
    if (status.ok()) {
      PrintVerdict(paths[index], verdict, classifier->manifest().threshold);
      continue;
    }
    ++failed;
    std::fprintf(stderr, "%s: %s\n", paths[index].c_str(),
                 std::string(status.message()).c_str());
  }
  if (failed == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      failed, " of ", paths.size(), " files could not be classified"));
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::CommandLine command =
      verso::ParseCommandLine(argc, argv, verso::kUsage);
  std::vector<std::string> paths = std::move(command.args);
  // This program has no subcommands: the first word is a file too.
  if (!command.subcommand.empty()) {
    paths.insert(paths.begin(), command.subcommand);
  }
  if (paths.empty()) return verso::UsageError("no picture file was given");
  const std::optional<verso::Device> device = verso::DeviceFlag();
  if (!device.has_value()) {
    return verso::UsageError("--device can be auto, cpu or cuda");
  }
  if (absl::GetFlag(FLAGS_draws) < 1) {
    return verso::UsageError("--draws must be at least 1");
  }
  verso::InstallStopSignals();
  return verso::ExitCodeOf(verso::Run(paths, *device));
}
