#ifndef VERSO_TRAINER_CHECKPOINT_MANIFEST_H_
#define VERSO_TRAINER_CHECKPOINT_MANIFEST_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

enum class CheckpointKind { kResume, kScored };

// What is done to the pixels before the network, in training and inference.
struct TransformOptions {
  int image_size = 256;  // The network sees [n, 3, image_size, image_size].
  std::string image_fit = "resize";  // "resize" (squash) or "crop".
  double blur_sigma = 0;             // Gaussian, kernel 7; 0 = none.
  double noise_sigma = 0;  // On 0..1 pixels, after the blur; 0 = none.
  bool grayscale = false;
  bool normalize = true;  // ImageNet mean and deviation, after the noise.
};

struct ManifestFile {
  int64_t size_bytes = 0;
  std::string sha256;  // Hex.
};

// The human false-positive rate of one validation source at the threshold.
struct SourceRate {
  int64_t samples = 0;
  double rate = 0;         // Predicted generated / samples.
  double wilson_high = 0;  // Upper end of the 95 % interval.
};

// manifest.json of a checkpoint folder `step-<10 digits>`. A folder of that
// name is whole: it was written under another name and renamed.
struct CheckpointManifest {
  CheckpointKind kind = CheckpointKind::kResume;
  std::string run;
  std::string model;    // "efficientnet_v2_s", "efficientnet_lite0".
  int64_t step = 0;     // Optimiser steps done.
  int64_t epoch = 0;    // Whole epochs done.
  uint64_t cursor = 0;  // Samples consumed over all ranks.
  int world_size = 1;
  uint64_t seed = 0;
  std::string snapshot;  // Id.
  TransformOptions transforms;
  std::string weights_kind = "plain";
  std::map<std::string, ManifestFile> files;  // By name inside the folder.

  // kScored only.
  double validation_loss = 0;
  double validation_accuracy = 0;  // At 0.5.
  int64_t validation_samples = 0;
  // Probability of "generated" at and above which a picture is called so: the
  // smallest at which no human validation source is called generated more
  // often than alpha. Frozen: never chosen on test.
  double threshold = 0.5;
  double alpha = 0.05;
  std::map<std::string, SourceRate> human_rates;  // By source.
};

inline constexpr absl::string_view kManifestName = "manifest.json";
inline constexpr absl::string_view kWeightsName = "model.safetensors";

std::string ManifestToJson(const CheckpointManifest& manifest);

// kDataLoss: not a manifest, or of a later version; `name` is in the message.
absl::StatusOr<CheckpointManifest> ManifestFromJson(absl::string_view json,
                                                    absl::string_view name);

// Reads `checkpoint`/manifest.json. kNotFound when there is none.
absl::StatusOr<CheckpointManifest> ReadManifest(
    const std::filesystem::path& checkpoint);

// The committed checkpoints of a run's folder, by step. Empty when none.
absl::StatusOr<std::map<int64_t, std::filesystem::path>> ListCheckpoints(
    const std::filesystem::path& run_dir);

}  // namespace verso

#endif  // VERSO_TRAINER_CHECKPOINT_MANIFEST_H_
