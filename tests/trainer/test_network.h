#ifndef VERSO_TESTS_TRAINER_TEST_NETWORK_H_
#define VERSO_TESTS_TRAINER_TEST_NETWORK_H_

#include <cstdint>
#include <memory>

#include "ATen/ATen.h"
#include "trainer/network.h"

namespace verso::testing {

// An untrained EfficientNet-Lite0 in evaluation mode whose logits differ
// between pictures: its batch norms hold the statistics of noise. (Those it
// starts with shrink every signal to nothing on the way.)
inline std::shared_ptr<Network> MakeSettledNetwork(uint64_t seed = 3) {
  at::manual_seed(seed);
  const auto network = MakeNetwork("efficientnet_lite0").value();
  const at::NoGradGuard no_grad;
  for (const auto& item : network->named_buffers()) {
    item.value().zero_();
  }
  for (int i = 0; i < 20; ++i) network->forward(at::randn({4, 3, 64, 64}));
  network->eval();
  return network;
}

}  // namespace verso::testing

#endif  // VERSO_TESTS_TRAINER_TEST_NETWORK_H_
