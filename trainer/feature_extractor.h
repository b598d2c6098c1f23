#ifndef VERSO_TRAINER_FEATURE_EXTRACTOR_H_
#define VERSO_TRAINER_FEATURE_EXTRACTOR_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trainer/checkpoint_manifest.h"
#include "trainer/classifier.h"

namespace verso {

struct PictureFeatures {
  uint64_t index = 0;              // ClassifierInput::index.
  absl::Span<const float> values;  // Valid during the call; empty unless ok.
  absl::Status status;             // Why this picture has none.
};

// Called from one thread, in the order of the inputs.
class FeatureSink {
 public:
  virtual ~FeatureSink() = default;
  virtual absl::Status Add(const PictureFeatures& features) = 0;
};

struct FeatureOptions {
  Device device = Device::kAuto;
  int batch_size = 64;
};

// A frozen network without its head: pictures in, vectors out.
// Thread-compatible.
class FeatureExtractor {
 public:
  virtual ~FeatureExtractor() = default;

  // Which network this is, for people and to tell two apart: its name, the
  // sha256 of its weights and what is done to pictures. Equal texts give equal
  // features, but for rounding.
  virtual const std::string& identity() const = 0;

  // The network's last feature map, averaged over its places: as many values as
  // it has channels (EfficientNet: 1280), the same number for every picture.
  // With noise draw 0 where the transforms have noise. Decoding goes on while a
  // batch is computed; a picture that cannot be decoded is one with a status.
  // The values do not depend on batch_size beyond rounding.
  // Fails as `source` or `sink` do.
  virtual absl::Status Extract(ImageSource& source, FeatureSink& sink) = 0;
};

// `checkpoint`, its transforms and errors: as LoadClassifier().
absl::StatusOr<std::unique_ptr<FeatureExtractor>> LoadFeatureExtractor(
    const std::filesystem::path& checkpoint, const FeatureOptions& options);

// `model`: a name that the trainer knows; `weights`: a safetensors file with
// torchvision's names. kNotFound, kDataLoss: that file. kInvalidArgument: no
// such model, weights that do not fit, or a wrong transform.
absl::StatusOr<std::unique_ptr<FeatureExtractor>> MakeFeatureExtractor(
    const std::string& model, const std::filesystem::path& weights,
    const TransformOptions& transforms, const FeatureOptions& options);

}  // namespace verso

#endif  // VERSO_TRAINER_FEATURE_EXTRACTOR_H_
