#include "trainer/frozen_network.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "ATen/ATen.h"
#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "trainer/checkpoint.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

absl::StatusOr<at::Device> ChooseDevice(Device device) {
  const bool cuda = at::hasCUDA() && at::getNumGPUs() > 0;
  if (device == Device::kCuda && !cuda) {
    return absl::UnavailableError(
        "no CUDA device answers: choose the CPU, or see nvidia-smi");
  }
  if (cuda && device != Device::kCpu) return at::Device(at::kCUDA, 0);
  return at::Device(at::kCPU);
}

// `fill`: loads the weights.
template <typename Fill>
absl::StatusOr<FrozenNetwork> Freeze(const std::string& model,
                                     const TransformOptions& transforms,
                                     Device wanted, const std::string& name,
                                     const Fill& fill) {
  RETURN_IF_ERROR(CheckTransforms(transforms));
  try {
    ASSIGN_OR_RETURN(const at::Device device, ChooseDevice(wanted));
    ASSIGN_OR_RETURN(std::shared_ptr<Network> network, MakeNetwork(model));
    RETURN_IF_ERROR(fill(*network));
    network->eval();
    network->to(device);
    // One core is for decoding: a worker without a core holds up all others.
    const int cores = std::thread::hardware_concurrency();
    if (device.is_cpu()) at::set_num_threads(std::max(1, cores - 1));
    return FrozenNetwork{std::move(network), transforms, device};
  } catch (const std::exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot load ", name, ": ", e.what()));
  }
}

}  // namespace

at::Tensor FrozenNetwork::Stack(
    const std::vector<const DecodedPicture*>& pictures) const {
  std::vector<at::Tensor> pixels;
  for (const DecodedPicture* picture : pictures) {
    pixels.push_back(*picture->pixels);
  }
  return at::stack(pixels).to(device);
}

at::Tensor FrozenNetwork::Input(
    const at::Tensor& stacked,
    const std::vector<const DecodedPicture*>& pictures, int draw) const {
  std::vector<uint64_t> keys;
  if (transforms.noise_sigma > 0) {
    for (const DecodedPicture* picture : pictures) {
      keys.push_back(NoiseKey(picture->sample_id, draw));
    }
  }
  return ApplyTransforms(stacked, transforms, keys);
}

absl::StatusOr<FrozenNetwork> LoadFrozenNetwork(
    const std::filesystem::path& checkpoint, const CheckpointManifest& manifest,
    Device device) {
  return Freeze(manifest.model, manifest.transforms, device,
                checkpoint.string(), [&](Network& network) -> absl::Status {
                  ASSIGN_OR_RETURN(const TensorMap weights,
                                   LoadCheckpointTensors(checkpoint, manifest,
                                                         kWeightsName));
                  return LoadState(network, weights);
                });
}

absl::StatusOr<FrozenNetwork> MakeFrozenNetwork(
    const std::string& model, const std::filesystem::path& weights,
    const TransformOptions& transforms, Device device) {
  return Freeze(model, transforms, device, weights.string(),
                [&](Network& network) {
                  return LoadPretrained(network, weights).status();
                });
}

}  // namespace verso
