#include "trainer/classifier.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/base/bounded_queue.h"
#include "common/base/status_macros.h"
#include "trainer/checkpoint.h"
#include "trainer/network.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

// A picture on its way to the network.
struct Decoded {
  uint64_t index = 0;
  std::string sample_id;
  absl::StatusOr<at::Tensor> pixels;  // uint8, [3, s, s].
};

using DecodedQueue = BoundedQueue<Decoded>;

// Pulls and decodes in a thread of its own, while the caller scores.
// Not thread-safe.
class Decoder {
 public:
  // Both must outlive the decoder.
  Decoder(ImageSource& source, const TransformOptions& transforms,
          size_t capacity)
      : queue_(capacity), thread_([this, &source, &transforms] {
          status_ = Run(source, transforms);
          queue_.Close();
        }) {}

  ~Decoder() { Join(); }

  std::optional<Decoded> Pop() { return queue_.Pop(); }

  // Ends the thread; OK unless the source failed.
  absl::Status Stop() {
    Join();
    return status_;
  }

 private:
  void Join() {
    queue_.Close();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Run(ImageSource& source, const TransformOptions& transforms) {
    while (true) {
      ASSIGN_OR_RETURN(std::optional<ClassifierInput> input, source.Next());
      if (!input.has_value()) return absl::OkStatus();
      Decoded decoded{
          .index = input->index,
          .sample_id = std::move(input->sample_id),
          .pixels = DecodeForNetwork(input->image, transforms, std::nullopt)};
      if (!queue_.Push(std::move(decoded))) return absl::OkStatus();
    }
  }

  DecodedQueue queue_;
  absl::Status status_;  // Written by the thread, read after it was joined.
  std::thread thread_;
};

class NetworkClassifier : public Classifier {
 public:
  NetworkClassifier(CheckpointManifest manifest,
                    std::shared_ptr<Network> network, at::Device device,
                    const ClassifierOptions& options)
      : manifest_(std::move(manifest)),
        network_(std::move(network)),
        device_(device),
        batch_size_(options.batch_size),
        draws_(manifest_.transforms.noise_sigma > 0 ? options.draws : 1) {}

  const CheckpointManifest& manifest() const override { return manifest_; }

  absl::Status Predict(ImageSource& source, PredictionSink& sink) override {
    Decoder decoder(source, manifest_.transforms, 2 * batch_size_);
    std::vector<Decoded> batch;
    while (std::optional<Decoded> decoded = decoder.Pop()) {
      batch.push_back(*std::move(decoded));
      if (batch.size() == static_cast<size_t>(batch_size_)) {
        RETURN_IF_ERROR(PredictBatch(batch, sink));
        batch.clear();
      }
    }
    RETURN_IF_ERROR(PredictBatch(batch, sink));
    return decoder.Stop();
  }

 private:
  absl::Status PredictBatch(const std::vector<Decoded>& batch,
                            PredictionSink& sink) {
    std::vector<const Decoded*> good;
    for (const Decoded& decoded : batch) {
      if (decoded.pixels.ok()) good.push_back(&decoded);
    }
    ASSIGN_OR_RETURN(const std::vector<float> logits, Score(good));
    size_t next = 0;
    for (const Decoded& decoded : batch) {
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
      const std::vector<const Decoded*>& pictures) {
    if (pictures.empty()) return std::vector<float>();
    try {
      const c10::InferenceMode guard;
      std::vector<at::Tensor> pixels;
      for (const Decoded* picture : pictures) {
        pixels.push_back(*picture->pixels);
      }
      const at::Tensor batch = at::stack(pixels).to(device_);
      std::vector<at::Tensor> draws;
      for (int draw = 0; draw < draws_; ++draw) {
        draws.push_back(ScoreDraw(batch, pictures, draw));
      }
      const at::Tensor logits = at::stack(draws, 1).cpu().contiguous();
      const float* data = logits.const_data_ptr<float>();
      return std::vector<float>(data, data + logits.numel());
    } catch (const std::exception& e) {
      return absl::InternalError(
          absl::StrCat("cannot score a batch: ", e.what()));
    }
  }

  at::Tensor ScoreDraw(const at::Tensor& batch,
                       const std::vector<const Decoded*>& pictures, int draw) {
    std::vector<uint64_t> keys;
    if (manifest_.transforms.noise_sigma > 0) {
      for (const Decoded* picture : pictures) {
        keys.push_back(NoiseKey(picture->sample_id, draw));
      }
    }
    return network_->forward(
        ApplyTransforms(batch, manifest_.transforms, keys));
  }

  const CheckpointManifest manifest_;
  const std::shared_ptr<Network> network_;
  const at::Device device_;
  const int batch_size_;
  const int draws_;
};

absl::StatusOr<at::Device> ChooseDevice(Device device) {
  const bool cuda = at::hasCUDA() && at::getNumGPUs() > 0;
  if (device == Device::kCuda && !cuda) {
    return absl::UnavailableError(
        "no CUDA device answers: choose the CPU, or see nvidia-smi");
  }
  if (cuda && device != Device::kCpu) return at::Device(at::kCUDA, 0);
  return at::Device(at::kCPU);
}

absl::StatusOr<std::shared_ptr<Network>> LoadNetwork(
    const std::filesystem::path& checkpoint,
    const CheckpointManifest& manifest) {
  ASSIGN_OR_RETURN(std::shared_ptr<Network> network,
                   MakeNetwork(manifest.model));
  ASSIGN_OR_RETURN(const TensorMap weights,
                   LoadCheckpointTensors(checkpoint, manifest, kWeightsName));
  RETURN_IF_ERROR(LoadState(*network, weights));
  network->eval();
  return network;
}

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
  RETURN_IF_ERROR(CheckTransforms(manifest.transforms));
  try {
    ASSIGN_OR_RETURN(const at::Device device, ChooseDevice(options.device));
    ASSIGN_OR_RETURN(std::shared_ptr<Network> network,
                     LoadNetwork(folder, manifest));
    network->to(device);
    // One core is for decoding: a worker without a core holds up all others.
    const int cores = std::thread::hardware_concurrency();
    if (device.is_cpu()) at::set_num_threads(std::max(1, cores - 1));
    return std::make_unique<NetworkClassifier>(
        std::move(manifest), std::move(network), device, options);
  } catch (const std::exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot load ", folder.string(), ": ", e.what()));
  }
}

}  // namespace verso
