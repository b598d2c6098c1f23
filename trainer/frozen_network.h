#ifndef VERSO_TRAINER_FROZEN_NETWORK_H_
#define VERSO_TRAINER_FROZEN_NETWORK_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "trainer/checkpoint_manifest.h"
#include "trainer/classifier.h"
#include "trainer/network.h"
#include "trainer/picture_decoder.h"

namespace verso {

// A network that is only run, in evaluation mode, with the transforms that
// belong to it. Thread-compatible.
struct FrozenNetwork {
  std::shared_ptr<Network> network;
  TransformOptions transforms;
  at::Device device = at::kCPU;

  // uint8, [n, 3, s, s], on the network's device.
  // REQUIRES: n > 0, and every picture was decoded.
  at::Tensor Stack(const std::vector<const DecodedPicture*>& pictures) const;

  // What the network is fed with: float32, [n, 3, s, s]; with noise draw `draw`
  // where the transforms have noise. `stacked`: Stack(pictures).
  at::Tensor Input(const at::Tensor& stacked,
                   const std::vector<const DecodedPicture*>& pictures,
                   int draw) const;
};

// A committed checkpoint's. `manifest`: what the folder says of itself.
// On the CPU it sets torch's threads, for the whole process, to all cores but
// one, which decodes. Errors as LoadClassifier().
absl::StatusOr<FrozenNetwork> LoadFrozenNetwork(
    const std::filesystem::path& checkpoint, const CheckpointManifest& manifest,
    Device device);

// One of NetworkNames() with the weights of a safetensors file; otherwise as
// above. Errors as MakeNetwork() and LoadPretrained().
absl::StatusOr<FrozenNetwork> MakeFrozenNetwork(
    const std::string& model, const std::filesystem::path& weights,
    const TransformOptions& transforms, Device device);

}  // namespace verso

#endif  // VERSO_TRAINER_FROZEN_NETWORK_H_
