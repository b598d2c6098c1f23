// Compares with what torchvision computes on this machine, by the script
// torchvision_parity.py; skipped where torchvision is not installed.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "ATen/ATen.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "trainer/efficientnet.h"
#include "trainer/network.h"
#include "trainer/safetensors.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

fs::path PythonPath() {
  if (const char* python = std::getenv("VERSO_PYTHON")) return python;
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "/" : home) /
         ".cache/verso/python/bin/python3";
}

// What the script wrote, once for all tests of this program.
struct Reference {
  fs::path folder;
  std::string skip_reason;  // Empty: it is there.
};

Reference RunScript() {
  const fs::path python = PythonPath();
  Reference reference{.folder = testing::MakeTestDir("torchvision"),
                      .skip_reason = ""};
  if (!fs::exists(python)) {
    reference.skip_reason = "SKIPPED: there is no " + python.string() +
                            "; deploy/setup installs it, or set VERSO_PYTHON";
    return reference;
  }
  const auto result = testing::RunProcess(
      {python.string(), "tests/trainer/torchvision_parity.py",
       reference.folder.string()});
  EXPECT_OK(result);
  if (result.ok() && result->exit_code == 77) {
    reference.skip_reason = "SKIPPED: torchvision: " + result->output;
  } else if (result.ok()) {
    EXPECT_EQ(result->exit_code, 0) << result->output;
  }
  return reference;
}

class TorchvisionParityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static const Reference& reference = *new Reference(RunScript());
    if (!reference.skip_reason.empty()) GTEST_SKIP() << reference.skip_reason;
    folder_ = reference.folder;
  }

  TensorMap Read(const std::string& name) const {
    return ReadSafetensors(folder_ / (name + ".safetensors")).value();
  }
  std::string Bytes(const std::string& name) const {
    return ReadFile(folder_ / name).value();
  }

  fs::path folder_;
};

// The largest difference, as a part of the largest value or of `floor`.
double Difference(const at::Tensor& actual, const at::Tensor& expected,
                  double floor = 1e-3) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  return (actual - expected).abs().max().item<double>() /
         std::max(floor, expected.abs().max().item<double>());
}

class NetworkParityTest : public TorchvisionParityTest {
 protected:
  // torchvision's weights in our network, without its randomness.
  std::shared_ptr<Network> LoadNetwork() const {
    EfficientNetConfig config = EfficientNetConfigs()[0];
    config.dropout = 0;
    config.stochastic_depth = 0;
    const std::shared_ptr<Network> network = MakeEfficientNet(config);
    EXPECT_OK(LoadState(*network, Read("weights")));
    return network;
  }
};

TEST_F(NetworkParityTest, ParametersHaveTorchvisionsNamesInItsOrder) {
  std::vector<std::string> names;
  const auto network = MakeNetwork("efficientnet_v2_s").value();
  for (const auto& item : network->named_parameters()) {
    names.push_back(item.key());
  }
  EXPECT_EQ(absl::StrJoin(names, "\n"), Bytes("names.txt"));
}

TEST_F(NetworkParityTest, EvaluatesAsTorchvision) {
  const std::shared_ptr<Network> network = LoadNetwork();
  const TensorMap expected = Read("network");
  network->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor features = network->Features(expected.at("pixels"));
  EXPECT_LT(Difference(features, expected.at("features")), 1e-5);
  EXPECT_LT(Difference(network->Head(features), expected.at("logits")), 1e-5);
}

TEST_F(NetworkParityTest, TrainsAsTorchvision) {
  // In double: some gradients cancel out, and rounding would be all they are.
  const std::shared_ptr<Network> network = LoadNetwork();
  network->to(at::kDouble);
  const TensorMap expected = Read("network");
  const at::Tensor logits =
      network->forward(expected.at("pixels").to(at::kDouble));
  EXPECT_LT(Difference(logits, expected.at("train_logits")), 1e-9);
  const at::Tensor labels = at::tensor({0.0, 1.0, 1.0, 0.0}, at::kDouble);
  at::binary_cross_entropy_with_logits(logits, labels).backward();

  int gradients = 0;
  for (const auto& item : network->named_parameters()) {
    const auto gradient = expected.find("grad." + item.key());
    if (gradient == expected.end()) continue;
    ++gradients;
    EXPECT_LT(Difference(item.value().grad(), gradient->second), 1e-9)
        << item.key();
  }
  EXPECT_GT(gradients, 100);
  for (const auto& item : network->named_buffers()) {
    EXPECT_LT(Difference(item.value(), expected.at("buffer." + item.key())),
              1e-9)
        << item.key();
  }
}

using TransformsParityTest = TorchvisionParityTest;

TEST_F(TransformsParityTest, ResizesBitForBit) {
  const TensorMap expected = Read("transforms");
  const TransformOptions options = {.image_size = 64};
  for (const auto& [file, name] :
       {std::pair("wide.png", "resized"), std::pair("small.png", "enlarged")}) {
    ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                         DecodeForNetwork(Bytes(file), options, std::nullopt));
    EXPECT_TRUE(at::equal(pixels, expected.at(name))) << name;
  }
}

TEST_F(TransformsParityTest, CropsTheCentreBitForBit) {
  const TensorMap expected = Read("transforms");
  const TransformOptions options = {.image_size = 64, .image_fit = "crop"};
  for (const auto& [file, name] : {std::pair("wide.png", "centre"),
                                   std::pair("small.png", "small_centre")}) {
    ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                         DecodeForNetwork(Bytes(file), options, std::nullopt));
    EXPECT_TRUE(at::equal(pixels, expected.at(name))) << name;
  }
}

TEST_F(TransformsParityTest, BlursGreysAndNormalizes) {
  const TensorMap expected = Read("transforms");
  const auto apply = [&](const TransformOptions& options) {
    return ApplyTransforms(expected.at("batch"), options, {});
  };
  EXPECT_LT(Difference(apply({.blur_sigma = 2, .normalize = false}),
                       expected.at("blurred")),
            1e-6);
  EXPECT_LT(Difference(apply({.grayscale = true, .normalize = false}),
                       expected.at("grey")),
            1e-6);
  EXPECT_LT(Difference(apply({}), expected.at("normalised")), 1e-6);
}

}  // namespace
}  // namespace verso
