#ifndef VERSO_TRAINER_NETWORK_H_
#define VERSO_TRAINER_NETWORK_H_

#include <memory>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "torch/nn/module.h"

namespace verso {

// A detector: pixels in, one logit a picture out (log odds of "generated").
// The two halves are apart for heat-maps and for frozen features.
// Thread-compatible, as every torch module.
class Network : public torch::nn::Module {
 public:
  // `pixels`: [n, 3, height, width], float32, any memory format. Returns the
  // last feature map, [n, channels, ceil(height / 32), ceil(width / 32)].
  virtual at::Tensor Features(at::Tensor pixels) = 0;

  // `features`: what Features() returned. Returns [n] logits, float32.
  virtual at::Tensor Head(at::Tensor features) = 0;

  at::Tensor forward(at::Tensor pixels) { return Head(Features(pixels)); }
};

// "efficientnet_v2_s" (torchvision's, 20.2 M parameters) or
// "efficientnet_lite0" (3.4 M). Parameters and buffers have torchvision's
// names, shapes and order, but for classifier.1, which has one output. On the
// CPU, in training mode, float32, weights in channels_last; drawn from torch's
// default generator (torch::manual_seed() fixes them).
// kInvalidArgument: no such model; the message lists them.
absl::StatusOr<std::shared_ptr<Network>> MakeNetwork(absl::string_view model);

// The names that MakeNetwork() knows.
std::vector<std::string> NetworkNames();

}  // namespace verso

#endif  // VERSO_TRAINER_NETWORK_H_
