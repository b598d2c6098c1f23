#include "trainer/feature_extractor.h"

#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "trainer/frozen_network.h"
#include "trainer/picture_decoder.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxWeightsBytes = int64_t{16} << 30;

std::string IdentityOf(const std::string& model, const std::string& sha256,
                       const TransformOptions& t) {
  return absl::StrCat(model, ", weights ", sha256, ", ", t.image_fit, " to ",
                      t.image_size, ", blur ", t.blur_sigma, ", noise ",
                      t.noise_sigma, t.grayscale ? ", grey" : "",
                      t.normalize ? ", normalised" : "");
}

class NetworkFeatures : public FeatureExtractor {
 public:
  NetworkFeatures(FrozenNetwork frozen, std::string identity, int batch_size)
      : frozen_(std::move(frozen)),
        identity_(std::move(identity)),
        batch_size_(batch_size) {}

  const std::string& identity() const override { return identity_; }

  absl::Status Extract(ImageSource& source, FeatureSink& sink) override {
    PictureDecoder decoder(source, frozen_.transforms, 2 * batch_size_);
    while (true) {
      const std::vector<DecodedPicture> batch = decoder.NextBatch(batch_size_);
      if (batch.empty()) break;
      RETURN_IF_ERROR(ExtractBatch(batch, sink));
    }
    return decoder.Stop();
  }

 private:
  absl::Status ExtractBatch(const std::vector<DecodedPicture>& batch,
                            FeatureSink& sink) {
    std::vector<const DecodedPicture*> good;
    for (const DecodedPicture& decoded : batch) {
      if (decoded.pixels.ok()) good.push_back(&decoded);
    }
    ASSIGN_OR_RETURN(const at::Tensor rows, Compute(good));
    int64_t next = 0;
    for (const DecodedPicture& decoded : batch) {
      PictureFeatures features{.index = decoded.index,
                               .status = decoded.pixels.status()};
      if (features.status.ok()) {
        const int64_t size = rows.size(1);
        features.values = absl::MakeConstSpan(
            rows.const_data_ptr<float>() + size * next++, size);
      }
      RETURN_IF_ERROR(sink.Add(features));
    }
    return absl::OkStatus();
  }

  // [pictures.size(), channels], float32, on the CPU, contiguous.
  absl::StatusOr<at::Tensor> Compute(
      const std::vector<const DecodedPicture*>& pictures) {
    if (pictures.empty()) return at::Tensor();
    try {
      const c10::InferenceMode guard;
      const at::Tensor map = frozen_.network->Features(
          frozen_.Input(frozen_.Stack(pictures), pictures, /*draw=*/0));
      return at::adaptive_avg_pool2d(map, {1, 1}).flatten(1).cpu().contiguous();
    } catch (const std::exception& e) {
      return absl::InternalError(
          absl::StrCat("cannot compute a batch: ", e.what()));
    }
  }

  const FrozenNetwork frozen_;
  const std::string identity_;
  const int batch_size_;
};

absl::Status CheckBatchSize(const FeatureOptions& options) {
  if (options.batch_size >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError("batch size must be at least 1");
}

}  // namespace

absl::StatusOr<std::unique_ptr<FeatureExtractor>> LoadFeatureExtractor(
    const fs::path& checkpoint, const FeatureOptions& options) {
  RETURN_IF_ERROR(CheckBatchSize(options));
  // `latest` may be pointed elsewhere meanwhile: follow it once.
  std::error_code error;
  fs::path folder = fs::canonical(checkpoint, error);
  if (error) folder = checkpoint;
  ASSIGN_OR_RETURN(CheckpointManifest manifest, ReadManifest(folder));
  ASSIGN_OR_RETURN(FrozenNetwork frozen,
                   LoadFrozenNetwork(folder, manifest, options.device));
  std::string identity = IdentityOf(
      manifest.model, manifest.files[std::string(kWeightsName)].sha256,
      manifest.transforms);
  return std::make_unique<NetworkFeatures>(
      std::move(frozen), std::move(identity), options.batch_size);
}

absl::StatusOr<std::unique_ptr<FeatureExtractor>> MakeFeatureExtractor(
    const std::string& model, const fs::path& weights,
    const TransformOptions& transforms, const FeatureOptions& options) {
  RETURN_IF_ERROR(CheckBatchSize(options));
  ASSIGN_OR_RETURN(
      FrozenNetwork frozen,
      MakeFrozenNetwork(model, weights, transforms, options.device));
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadFile(weights, kMaxWeightsBytes));
  std::string identity = IdentityOf(model, Sha256Hex(bytes), transforms);
  return std::make_unique<NetworkFeatures>(
      std::move(frozen), std::move(identity), options.batch_size);
}

}  // namespace verso
