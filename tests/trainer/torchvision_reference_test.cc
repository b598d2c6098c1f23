// Compares with what torchvision 0.26.0 computed once: the file beside this one
// was written by torchvision_reference.py.

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/image/encode.h"
#include "common/image/image.h"
#include "tests/testing/status_matchers.h"
#include "trainer/efficientnet.h"
#include "trainer/safetensors.h"
#include "trainer/transforms.h"

namespace verso {
namespace {

constexpr int64_t kMask = 0xFFFFFFFF;

// In [0, 1), a function of the name and the position alone, as in the script.
at::Tensor Uniform(const std::string& name, at::IntArrayRef shape) {
  const auto seed = static_cast<int64_t>(
      crc32(0, reinterpret_cast<const Bytef*>(name.data()), name.size()));
  const auto and_mask = [](const at::Tensor& x) {
    return x.bitwise_and(kMask);
  };
  const auto mix = [&](const at::Tensor& x, int64_t shift, int64_t factor) {
    return and_mask(x.bitwise_xor(x.bitwise_right_shift(shift)) * factor);
  };
  at::Tensor x = at::arange(c10::multiply_integers(shape), at::kLong);
  x = and_mask(x * int64_t{2654435761} + seed);
  x = mix(x, 15, 2246822519);
  x = mix(x, 13, 3266489917);
  x = x.bitwise_xor(x.bitwise_right_shift(16));
  return (x.to(at::kDouble) / 4294967296.0).reshape(shape);
}

// What a parameter or buffer is set to, as in the script.
at::Tensor Draw(const std::string& name, const at::Tensor& tensor) {
  if (absl::EndsWith(name, "num_batches_tracked")) {
    return at::full_like(tensor, 3);
  }
  const at::Tensor u = Uniform(name, tensor.sizes());
  if (absl::EndsWith(name, "running_var")) return 0.5 + u;
  if (tensor.dim() > 1) {
    const auto fan_in = static_cast<double>(tensor[0].numel());
    return (2 * u - 1) * std::sqrt(4 / fan_in);
  }
  if (absl::EndsWith(name, "weight")) return 0.5 + u;
  return 0.2 * u - 0.1;
}

const TensorMap& Reference() {
  static const auto& reference = *new TensorMap(
      ReadSafetensors("tests/trainer/torchvision_reference.safetensors")
          .value());
  return reference;
}

// The largest difference, as a part of the largest value, at least 1.
double Difference(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  return (actual - expected).abs().max().item<double>() /
         std::max(1.0, expected.abs().max().item<double>());
}

// EfficientNetV2-S in double, without its randomness, with drawn weights.
std::shared_ptr<Network> DrawnNetwork() {
  EfficientNetConfig config = EfficientNetConfigs()[0];
  config.dropout = 0;
  config.stochastic_depth = 0;
  std::shared_ptr<Network> network = MakeEfficientNet(config);
  network->to(at::kDouble);
  const at::NoGradGuard no_grad;
  for (const auto& tensors :
       {network->named_parameters(), network->named_buffers()}) {
    for (const auto& item : tensors) {
      item.value().copy_(Draw(item.key(), item.value()));
    }
  }
  return network;
}

at::Tensor Pixels() { return 2 * Uniform("pixels", {4, 3, 64, 64}) - 1; }

TEST(TorchvisionReferenceTest, ParametersHaveTorchvisionsNamesInItsOrder) {
  std::vector<std::string> names;
  const std::shared_ptr<Network> network = DrawnNetwork();
  for (const auto& item : network->named_parameters()) {
    names.push_back(item.key());
  }
  const at::Tensor expected = Reference().at("names");
  EXPECT_EQ(absl::StrJoin(names, "\n"),
            std::string(expected.data_ptr<uint8_t>(),
                        expected.data_ptr<uint8_t>() + expected.numel()));
}

TEST(TorchvisionReferenceTest, EvaluatesAsTorchvision) {
  const std::shared_ptr<Network> network = DrawnNetwork();
  network->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor features = network->Features(Pixels());
  EXPECT_LT(Difference(features.mean({2, 3}), Reference().at("features")),
            1e-9);
  EXPECT_LT(Difference(network->Head(features), Reference().at("logits")),
            1e-9);
}

TEST(TorchvisionReferenceTest, TrainsAsTorchvision) {
  const std::shared_ptr<Network> network = DrawnNetwork();
  const at::Tensor logits = network->forward(Pixels());
  EXPECT_LT(Difference(logits, Reference().at("train_logits")), 1e-9);
  const at::Tensor labels = at::tensor({0.0, 1.0, 1.0, 0.0}, at::kDouble);
  at::binary_cross_entropy_with_logits(logits, labels).backward();
  std::vector<at::Tensor> gradients, buffers;
  for (const at::Tensor& parameter : network->parameters()) {
    gradients.push_back(parameter.grad().norm());
  }
  for (const at::Tensor& buffer : network->buffers()) {
    buffers.push_back(buffer.to(at::kDouble).norm());
  }
  EXPECT_LT(Difference(at::stack(gradients), Reference().at("gradient_norms")),
            1e-9);
  EXPECT_LT(Difference(at::stack(buffers), Reference().at("buffer_norms")),
            1e-9);
}

// A reference picture as a file.
std::string PngOf(const std::string& name) {
  const at::Tensor pixels = Reference().at(name);  // [3, height, width]
  const at::Tensor rgb = pixels.permute({1, 2, 0}).contiguous();
  Image image{static_cast<int>(rgb.size(1)), static_cast<int>(rgb.size(0)),
              std::vector<uint8_t>(rgb.data_ptr<uint8_t>(),
                                   rgb.data_ptr<uint8_t>() + rgb.numel())};
  return EncodePng(image).value();
}

TEST(TorchvisionReferenceTest, ResizesAndCropsBitForBit) {
  for (const std::string picture : {"wide", "small"}) {
    for (const std::string fit : {"resize", "crop"}) {
      const TransformOptions options = {.image_size = 32, .image_fit = fit};
      ASSERT_OK_AND_ASSIGN(
          const at::Tensor pixels,
          DecodeForNetwork(PngOf(picture), options, std::nullopt));
      EXPECT_TRUE(at::equal(pixels, Reference().at(picture + "." + fit)))
          << picture << " " << fit;
    }
  }
}

TEST(TorchvisionReferenceTest, BlursGreysAndNormalizes) {
  const at::Tensor batch = Reference()
                               .at("wide")
                               .narrow(1, 0, 32)
                               .narrow(2, 0, 32)
                               .unsqueeze(0)
                               .contiguous();
  const auto apply = [&](const TransformOptions& options) {
    return ApplyTransforms(batch, options, {});
  };
  EXPECT_LT(Difference(apply({.blur_sigma = 2, .normalize = false}),
                       Reference().at("blurred")),
            1e-6);
  EXPECT_LT(Difference(apply({.grayscale = true, .normalize = false}),
                       Reference().at("grey")),
            1e-6);
  EXPECT_LT(Difference(apply({}), Reference().at("normalised")), 1e-6);
}

}  // namespace
}  // namespace verso
