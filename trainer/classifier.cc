#include "trainer/classifier.h"

#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/base/status_macros.h"
#include "trainer/frozen_network.h"
#include "trainer/picture_decoder.h"

namespace verso {
namespace {

class NetworkClassifier : public Classifier {
 public:
  NetworkClassifier(CheckpointManifest manifest, FrozenNetwork frozen,
                    const ClassifierOptions& options)
      : manifest_(std::move(manifest)),
        frozen_(std::move(frozen)),
        batch_size_(options.batch_size),
        draws_(manifest_.transforms.noise_sigma > 0 ? options.draws : 1) {}

  const CheckpointManifest& manifest() const override { return manifest_; }

  absl::Status Predict(ImageSource& source, PredictionSink& sink) override {
    PictureDecoder decoder(source, manifest_.transforms, 2 * batch_size_);
    while (true) {
      const std::vector<DecodedPicture> batch = decoder.NextBatch(batch_size_);
      if (batch.empty()) break;
      RETURN_IF_ERROR(PredictBatch(batch, sink));
    }
    return decoder.Stop();
  }

 private:
  absl::Status PredictBatch(const std::vector<DecodedPicture>& batch,
                            PredictionSink& sink) {
    std::vector<const DecodedPicture*> good;
    for (const DecodedPicture& decoded : batch) {
      if (decoded.pixels.ok()) good.push_back(&decoded);
    }
    ASSIGN_OR_RETURN(const std::vector<float> logits, Score(good));
    size_t next = 0;
    for (const DecodedPicture& decoded : batch) {
      if (!decoded.pixels.ok()) {
        RETURN_IF_ERROR(sink.Add({.index = decoded.index,
                                  .draw = 0,
                                  .logit = 0,
                                  .status = decoded.pixels.status()}));
        continue;
      }
      for (int draw = 0; draw < draws_; ++draw) {
        RETURN_IF_ERROR(sink.Add({.index = decoded.index,
                                  .draw = draw,
                                  .logit = logits[next++],
                                  .status = absl::OkStatus()}));
      }
    }
    return absl::OkStatus();
  }

  // The logits of each picture's draws, picture by picture.
  absl::StatusOr<std::vector<float>> Score(
      const std::vector<const DecodedPicture*>& pictures) {
    if (pictures.empty()) return std::vector<float>();
    try {
      const c10::InferenceMode guard;
      const at::Tensor stacked = frozen_.Stack(pictures);
      std::vector<at::Tensor> draws;
      for (int draw = 0; draw < draws_; ++draw) {
        draws.push_back(
            frozen_.network->forward(frozen_.Input(stacked, pictures, draw)));
      }
      const at::Tensor logits = at::stack(draws, 1).cpu().contiguous();
      const float* data = logits.const_data_ptr<float>();
      return std::vector<float>(data, data + logits.numel());
    } catch (const std::exception& e) {
      return absl::InternalError(
          absl::StrCat("cannot score a batch: ", e.what()));
    }
  }

  const CheckpointManifest manifest_;
  const FrozenNetwork frozen_;
  const int batch_size_;
  const int draws_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Classifier>> LoadClassifier(
    const std::filesystem::path& checkpoint, const ClassifierOptions& options) {
  if (options.batch_size < 1 || options.draws < 1) {
    return absl::InvalidArgumentError(
        "batch size and draws must be at least 1");
  }
  // `latest` may be pointed elsewhere meanwhile: follow it once.
  std::error_code error;
  std::filesystem::path folder = std::filesystem::canonical(checkpoint, error);
  if (error) folder = checkpoint;
  ASSIGN_OR_RETURN(CheckpointManifest manifest, ReadManifest(folder));
  ASSIGN_OR_RETURN(FrozenNetwork frozen,
                   LoadFrozenNetwork(folder, manifest, options.device));
  return std::make_unique<NetworkClassifier>(std::move(manifest),
                                             std::move(frozen), options);
}

}  // namespace verso
