#ifndef VERSO_TRAINER_CLASSIFIER_H_
#define VERSO_TRAINER_CLASSIFIER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// An encoded picture to be classified.
struct ClassifierInput {
  uint64_t index = 0;     // The caller's; comes back with the prediction.
  std::string sample_id;  // Keys the noise at inference: same id, same noise.
  std::string image;      // JPEG, PNG, WebP or GIF bytes.
};

struct Prediction {
  uint64_t index = 0;
  int draw = 0;     // Which noise draw, from 0.
  float logit = 0;  // Log odds of "generated". Meaningless unless status.ok().
  absl::Status status;  // Why this picture could not be classified.
};

// Pulled from one thread. nullopt ends it.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual absl::StatusOr<std::optional<ClassifierInput>> Next() = 0;
};

// Called from one thread, in the order of the inputs.
class PredictionSink {
 public:
  virtual ~PredictionSink() = default;
  virtual absl::Status Add(const Prediction& prediction) = 0;
};

enum class Device { kAuto, kCpu, kCuda };

struct ClassifierOptions {
  Device device = Device::kAuto;  // CUDA where there is a GPU.
  int batch_size = 64;
  int draws = 1;  // Noise draws per picture, where the checkpoint uses noise.
};

// A trained detector: a checkpoint's network with the checkpoint's own
// transforms. Thread-compatible.
class Classifier {
 public:
  virtual ~Classifier() = default;

  // What the checkpoint says of itself (threshold, snapshot, transforms).
  virtual const CheckpointManifest& manifest() const = 0;

  // Scores every picture once per draw; decoding goes on while a batch is
  // scored. A picture that cannot be decoded is a Prediction with a status. The
  // scores do not depend on batch_size beyond rounding.
  // Fails as `source` or `sink` do.
  virtual absl::Status Predict(ImageSource& source, PredictionSink& sink) = 0;
};

// `checkpoint`: a committed folder (see checkpoint_manifest.h). The weights are
// checked against the manifest's sha256; what only training needs is not read.
// kNotFound: no checkpoint there. kDataLoss: a file is damaged (it is named).
// kInvalidArgument: weights that do not fit the network (the name is given).
// kUnavailable: Device::kCuda without a GPU.
// On the CPU it sets torch's threads, for the whole process, to all cores but
// one, which decodes.
absl::StatusOr<std::unique_ptr<Classifier>> LoadClassifier(
    const std::filesystem::path& checkpoint, const ClassifierOptions& options);

}  // namespace verso

#endif  // VERSO_TRAINER_CLASSIFIER_H_
