#ifndef VERSO_TRAINER_EFFICIENTNET_H_
#define VERSO_TRAINER_EFFICIENTNET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trainer/layers.h"
#include "trainer/network.h"

namespace verso {

// A row of the table: `layers` blocks, the first of which has `stride` and
// goes from `in` to `out` channels.
struct EfficientNetStage {
  enum class Block {
    kFused,   // FusedMBConv: one k x k convolution expands, 1 x 1 projects.
    kMbConv,  // 1 x 1 expands, k x k depthwise, 1 x 1 projects.
  };
  Block block = Block::kMbConv;
  int64_t expand = 1;
  int64_t kernel = 3;
  int64_t stride = 1;
  int64_t in = 0;
  int64_t out = 0;
  int64_t layers = 1;
};

struct EfficientNetConfig {
  std::string name;
  std::vector<EfficientNetStage> stages;  // The stem has stages[0].in channels.
  Activation activation = Activation::kSilu;
  bool squeeze_excite = true;  // In kMbConv blocks.
  int64_t head_channels = 1280;
  double dropout = 0.2;  // Before the classifier.
  // Probability that the last block's branch is dropped from a picture; grows
  // from 0 linearly with depth.
  double stochastic_depth = 0.2;
};

// The table. EfficientNetV2-S: arXiv 2104.00298, table 4, as torchvision has
// it. EfficientNet-Lite0: EfficientNet-B0 (arXiv 1905.11946, table 1) with
// ReLU6 and without squeeze-and-excitation, padded as torchvision pads.
const std::vector<EfficientNetConfig>& EfficientNetConfigs();

std::shared_ptr<Network> MakeEfficientNet(const EfficientNetConfig& config);

}  // namespace verso

#endif  // VERSO_TRAINER_EFFICIENTNET_H_
