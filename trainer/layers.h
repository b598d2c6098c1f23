#ifndef VERSO_TRAINER_LAYERS_H_
#define VERSO_TRAINER_LAYERS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "torch/nn/module.h"

// The layers that the networks are made of. Their parameters have the names,
// shapes, order and first values of torchvision's. Random values come from
// torch's default generator. All are Thread-compatible.
namespace verso {

enum class Activation { kNone, kRelu6, kSilu, kSigmoid };

at::Tensor Activate(at::Tensor x, Activation activation);

class Layer : public torch::nn::Module {
 public:
  // [n, in, h, w] -> [n, out, h', w'] unless the class says otherwise.
  virtual at::Tensor forward(at::Tensor x) = 0;
};

struct ConvShape {
  int64_t in = 0;  // Channels.
  int64_t out = 0;
  int64_t kernel = 1;  // Odd; padded so that stride 1 keeps the size.
  int64_t stride = 1;
  int64_t groups = 1;
};

// weight: Kaiming normal by fan-out; bias: 0.
class Conv2d : public Layer {
 public:
  enum class Bias { kNo, kYes };
  Conv2d(const ConvShape& shape, Bias bias);
  at::Tensor forward(at::Tensor x) override;

 private:
  const ConvShape shape_;
  at::Tensor weight_, bias_;
};

// eps 1e-3 and momentum 0.1, as EfficientNetV2.
class BatchNorm2d : public Layer {
 public:
  explicit BatchNorm2d(int64_t channels);
  at::Tensor forward(at::Tensor x) override;

 private:
  at::Tensor weight_, bias_, running_mean_, running_var_, batches_;
};

// [n, in] -> [n, out]. Uniform within 1 / sqrt(in): what replacing
// torchvision's classifier by a fresh nn.Linear gives.
class Linear : public Layer {
 public:
  Linear(int64_t in, int64_t out);
  at::Tensor forward(at::Tensor x) override;

 private:
  at::Tensor weight_, bias_;
};

// Any shape; drops single values.
class Dropout : public Layer {
 public:
  explicit Dropout(double probability) : probability_(probability) {}
  at::Tensor forward(at::Tensor x) override;

 private:
  const double probability_;
};

// Children named "0", "1", ...
class Sequence : public Layer {
 public:
  void Add(std::shared_ptr<Layer> layer);
  at::Tensor forward(at::Tensor x) override;

 private:
  std::vector<std::shared_ptr<Layer>> layers_;
};

// Convolution "0" without bias, batch norm "1", activation.
class ConvNormActivation : public Layer {
 public:
  ConvNormActivation(const ConvShape& shape, Activation activation);
  at::Tensor forward(at::Tensor x) override;

 private:
  std::shared_ptr<Conv2d> conv_;
  std::shared_ptr<BatchNorm2d> norm_;
  const Activation activation_;
};

// Scales each channel by a gate computed from the means of all: "fc1", "fc2".
class SqueezeExcite : public Layer {
 public:
  SqueezeExcite(int64_t channels, int64_t squeezed);
  at::Tensor forward(at::Tensor x) override;

 private:
  std::shared_ptr<Conv2d> fc1_, fc2_;
};

}  // namespace verso

#endif  // VERSO_TRAINER_LAYERS_H_
