#ifndef VERSO_TRAINER_WEIGHTS_H_
#define VERSO_TRAINER_WEIGHTS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trainer/network.h"
#include "trainer/safetensors.h"

namespace verso {

// Every parameter and buffer by name, detached. They share the network's
// memory: clone what must outlive the next step.
TensorMap StateOf(const Network& network);

// Copies `state` into the network, whatever its device and memory format.
// kInvalidArgument: a name is missing or unknown, or a shape differs; it is
// named, and the network is unchanged.
absl::Status LoadState(Network& network, const TensorMap& state);

// Starts from the weights of a safetensors file with torchvision's names. A
// classifier for another number of classes (ImageNet's 1000) is left as it is.
// Returns the names left out, to be told to the user.
// Fails as ReadSafetensors() and LoadState() do.
absl::StatusOr<std::vector<std::string>> LoadPretrained(
    Network& network, const std::filesystem::path& path);

}  // namespace verso

#endif  // VERSO_TRAINER_WEIGHTS_H_
