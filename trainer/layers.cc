#include "trainer/layers.h"

#include <cmath>
#include <string>
#include <utility>

#include "ATen/ATen.h"
#include "ATen/core/grad_mode.h"

namespace verso {

at::Tensor Activate(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu6:
      return at::relu6_(x);
    case Activation::kSilu:
      // Its backward needs the input: in place would copy it first.
      return at::GradMode::is_enabled() ? at::silu(x) : at::silu_(x);
    case Activation::kSigmoid:
      return at::sigmoid_(x);
  }
  return x;
}

Conv2d::Conv2d(const ConvShape& shape, Bias bias) : shape_(shape) {
  const double fan_out = shape.out * shape.kernel * shape.kernel;
  weight_ = register_parameter(
      "weight", at::empty({shape.out, shape.in / shape.groups, shape.kernel,
                           shape.kernel},
                          at::MemoryFormat::ChannelsLast)
                    .normal_(0, std::sqrt(2 / fan_out)));
  if (bias == Bias::kYes) {
    bias_ = register_parameter("bias", at::zeros({shape.out}));
  }
}

at::Tensor Conv2d::forward(at::Tensor x) {
  return at::conv2d(x, weight_, bias_, shape_.stride, (shape_.kernel - 1) / 2,
                    /*dilation=*/1, shape_.groups);
}

BatchNorm2d::BatchNorm2d(int64_t channels) {
  weight_ = register_parameter("weight", at::ones({channels}));
  bias_ = register_parameter("bias", at::zeros({channels}));
  running_mean_ = register_buffer("running_mean", at::zeros({channels}));
  running_var_ = register_buffer("running_var", at::ones({channels}));
  batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
}

at::Tensor BatchNorm2d::forward(at::Tensor x) {
  if (is_training()) batches_.add_(1);
  return at::batch_norm(x, weight_, bias_, running_mean_, running_var_,
                        is_training(), /*momentum=*/0.1, /*eps=*/1e-3,
                        /*cudnn_enabled=*/true);
}

Linear::Linear(int64_t in, int64_t out) {
  const double range = 1 / std::sqrt(in);
  weight_ = register_parameter("weight",
                               at::empty({out, in}).uniform_(-range, range));
  bias_ = register_parameter("bias", at::empty({out}).uniform_(-range, range));
}

at::Tensor Linear::forward(at::Tensor x) {
  return at::linear(x, weight_, bias_);
}

at::Tensor Dropout::forward(at::Tensor x) {
  return at::dropout(x, probability_, is_training());
}

void Sequence::Add(std::shared_ptr<Layer> layer) {
  register_module(std::to_string(layers_.size()), layer);
  layers_.push_back(std::move(layer));
}

at::Tensor Sequence::forward(at::Tensor x) {
  for (const std::shared_ptr<Layer>& layer : layers_) {
    x = layer->forward(std::move(x));
  }
  return x;
}

ConvNormActivation::ConvNormActivation(const ConvShape& shape,
                                       Activation activation)
    : conv_(register_module(
          "0", std::make_shared<Conv2d>(shape, Conv2d::Bias::kNo))),
      norm_(register_module("1", std::make_shared<BatchNorm2d>(shape.out))),
      activation_(activation) {}

at::Tensor ConvNormActivation::forward(at::Tensor x) {
  return Activate(norm_->forward(conv_->forward(std::move(x))), activation_);
}

SqueezeExcite::SqueezeExcite(int64_t channels, int64_t squeezed) {
  fc1_ = register_module("fc1", std::make_shared<Conv2d>(
                                    ConvShape{.in = channels, .out = squeezed},
                                    Conv2d::Bias::kYes));
  fc2_ = register_module("fc2", std::make_shared<Conv2d>(
                                    ConvShape{.in = squeezed, .out = channels},
                                    Conv2d::Bias::kYes));
}

at::Tensor SqueezeExcite::forward(at::Tensor x) {
  at::Tensor gate = at::adaptive_avg_pool2d(x, {1, 1});
  gate = Activate(fc1_->forward(std::move(gate)), Activation::kSilu);
  gate = Activate(fc2_->forward(std::move(gate)), Activation::kSigmoid);
  return x * gate;
}

}  // namespace verso
