#include "trainer/efficientnet.h"

#include <algorithm>
#include <utility>

#include "ATen/ATen.h"

namespace verso {
namespace {

using Block = EfficientNetStage::Block;

// One block, as a stage of one layer with its own stride and channels.
std::shared_ptr<Sequence> MakeBranch(const EfficientNetStage& b,
                                     const EfficientNetConfig& config) {
  auto branch = std::make_shared<Sequence>();
  const auto add = [&](const ConvShape& shape, Activation activation) {
    branch->Add(std::make_shared<ConvNormActivation>(shape, activation));
  };
  const int64_t wide = b.in * b.expand;
  const ConvShape project = {.in = wide, .out = b.out};
  if (b.block == Block::kFused) {
    const int64_t first_out = b.expand == 1 ? b.out : wide;
    add({.in = b.in, .out = first_out, .kernel = b.kernel, .stride = b.stride},
        config.activation);
    if (b.expand != 1) add(project, Activation::kNone);
    return branch;
  }
  if (b.expand != 1) add({.in = b.in, .out = wide}, config.activation);
  add({.in = wide,
       .out = wide,
       .kernel = b.kernel,
       .stride = b.stride,
       .groups = wide},
      config.activation);
  if (config.squeeze_excite) {
    // A quarter of the block's input, not of what it is expanded to.
    branch->Add(
        std::make_shared<SqueezeExcite>(wide, std::max<int64_t>(1, b.in / 4)));
  }
  add(project, Activation::kNone);
  return branch;
}

// A branch "block", added to its input where the shapes allow.
class ResidualBlock : public Layer {
 public:
  ResidualBlock(const EfficientNetStage& b, const EfficientNetConfig& config,
                double drop)
      : branch_(register_module("block", MakeBranch(b, config))),
        residual_(b.stride == 1 && b.in == b.out),
        drop_(drop) {}

  at::Tensor forward(at::Tensor x) override {
    at::Tensor result = branch_->forward(x);
    if (!residual_) return result;
    if (is_training() && drop_ > 0) result = DropRows(result);
    return result.add_(x);
  }

 private:
  // Stochastic depth: drops the branch for whole pictures.
  at::Tensor DropRows(const at::Tensor& x) const {
    const double keep = 1 - drop_;
    at::Tensor mask = at::empty({x.size(0), 1, 1, 1}, x.options());
    mask.bernoulli_(keep);
    if (keep > 0) mask.div_(keep);
    return x * mask;
  }

  std::shared_ptr<Sequence> branch_;
  const bool residual_;
  const double drop_;
};

int64_t CountBlocks(const EfficientNetConfig& config) {
  int64_t blocks = 0;
  for (const EfficientNetStage& stage : config.stages) blocks += stage.layers;
  return blocks;
}

std::shared_ptr<Sequence> MakeFeatures(const EfficientNetConfig& config) {
  auto features = std::make_shared<Sequence>();
  features->Add(std::make_shared<ConvNormActivation>(
      ConvShape{.in = 3, .out = config.stages[0].in, .kernel = 3, .stride = 2},
      config.activation));
  const double blocks = CountBlocks(config);
  int64_t block = 0;
  for (const EfficientNetStage& row : config.stages) {
    auto stage = std::make_shared<Sequence>();
    EfficientNetStage b = row;
    for (int64_t layer = 0; layer < row.layers; ++layer, ++block) {
      stage->Add(std::make_shared<ResidualBlock>(
          b, config, config.stochastic_depth * block / blocks));
      b.in = row.out;
      b.stride = 1;
    }
    features->Add(std::move(stage));
  }
  features->Add(std::make_shared<ConvNormActivation>(
      ConvShape{.in = config.stages.back().out, .out = config.head_channels},
      config.activation));
  return features;
}

class EfficientNet : public Network {
 public:
  explicit EfficientNet(const EfficientNetConfig& config)
      : features_(register_module("features", MakeFeatures(config))),
        classifier_(
            register_module("classifier", std::make_shared<Sequence>())) {
    classifier_->Add(std::make_shared<Dropout>(config.dropout));
    classifier_->Add(std::make_shared<Linear>(config.head_channels, 1));
  }

  at::Tensor Features(at::Tensor pixels) override {
    return features_->forward(
        pixels.contiguous(at::MemoryFormat::ChannelsLast));
  }

  at::Tensor Head(at::Tensor features) override {
    const at::Tensor pooled =
        at::adaptive_avg_pool2d(features, {1, 1}).flatten(1);
    return classifier_->forward(pooled).squeeze(1);
  }

 private:
  std::shared_ptr<Sequence> features_, classifier_;
};

}  // namespace

const std::vector<EfficientNetConfig>& EfficientNetConfigs() {
  // {block, expand, kernel, stride, in, out, layers}
  static const auto& configs = *new std::vector<EfficientNetConfig>{
      {.name = "efficientnet_v2_s",
       .stages = {{Block::kFused, 1, 3, 1, 24, 24, 2},
                  {Block::kFused, 4, 3, 2, 24, 48, 4},
                  {Block::kFused, 4, 3, 2, 48, 64, 4},
                  {Block::kMbConv, 4, 3, 2, 64, 128, 6},
                  {Block::kMbConv, 6, 3, 1, 128, 160, 9},
                  {Block::kMbConv, 6, 3, 2, 160, 256, 15}}},
      {.name = "efficientnet_lite0",
       .stages = {{Block::kMbConv, 1, 3, 1, 32, 16, 1},
                  {Block::kMbConv, 6, 3, 2, 16, 24, 2},
                  {Block::kMbConv, 6, 5, 2, 24, 40, 2},
                  {Block::kMbConv, 6, 3, 2, 40, 80, 3},
                  {Block::kMbConv, 6, 5, 1, 80, 112, 3},
                  {Block::kMbConv, 6, 5, 2, 112, 192, 4},
                  {Block::kMbConv, 6, 3, 1, 192, 320, 1}},
       .activation = Activation::kRelu6,
       .squeeze_excite = false},
  };
  return configs;
}

std::shared_ptr<Network> MakeEfficientNet(const EfficientNetConfig& config) {
  return std::make_shared<EfficientNet>(config);
}

}  // namespace verso
