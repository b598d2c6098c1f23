#include "trainer/network.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/ATen.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/test_network.h"
#include "trainer/efficientnet.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

std::shared_ptr<Network> Lite0(uint64_t seed = 1) {
  at::manual_seed(seed);
  return MakeNetwork("efficientnet_lite0").value();
}

int64_t CountParameters(const Network& network) {
  int64_t count = 0;
  for (const at::Tensor& p : network.parameters()) count += p.numel();
  return count;
}

EfficientNetConfig WithoutRandomness(EfficientNetConfig config) {
  config.dropout = 0;
  config.stochastic_depth = 0;
  return config;
}

TEST(NetworkTest, Lite0HasThePublishedNumberOfParameters) {
  // 4,652,008 with ImageNet's 1000 outputs, of 1280 weights and a bias each.
  EXPECT_EQ(CountParameters(*Lite0()), 4'652'008 - 999 * 1281);
}

TEST(NetworkTest, EfficientNetV2SHasTorchvisionsNumberOfParameters) {
  const auto network = MakeNetwork("efficientnet_v2_s").value();
  EXPECT_EQ(CountParameters(*network), 20'178'769);
  EXPECT_EQ(network->parameters().size(), 452u);
  EXPECT_EQ(network->buffers().size(), 330u);
}

TEST(NetworkTest, Lite0HasTorchvisionsNamesAndShapes) {
  const auto parameters = Lite0()->named_parameters();
  EXPECT_EQ(parameters["features.0.0.weight"].sizes(),
            (std::vector<int64_t>{32, 3, 3, 3}));
  EXPECT_EQ(parameters["features.3.0.block.1.0.weight"].sizes(),
            (std::vector<int64_t>{144, 1, 5, 5}));
  EXPECT_EQ(parameters["features.8.0.weight"].sizes(),
            (std::vector<int64_t>{1280, 320, 1, 1}));
  EXPECT_EQ(parameters["classifier.1.weight"].sizes(),
            (std::vector<int64_t>{1, 1280}));
}

TEST(NetworkTest, FeaturesShrinkThePictureThirtyTwoTimes) {
  const auto network = Lite0();
  network->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor features = network->Features(at::rand({2, 3, 96, 65}));
  EXPECT_EQ(features.sizes(), (std::vector<int64_t>{2, 1280, 3, 3}));
  EXPECT_EQ(network->Head(features).sizes(), (std::vector<int64_t>{2}));
}

TEST(NetworkTest, APicturesLogitDoesNotDependOnItsBatch) {
  const auto network = testing::MakeSettledNetwork();
  const at::NoGradGuard no_grad;
  const at::Tensor batch = at::randn({3, 3, 64, 64});
  const at::Tensor all = network->forward(batch);
  const at::Tensor alone = network->forward(batch.narrow(0, 1, 1));
  EXPECT_NEAR(all[1].item<double>(), alone[0].item<double>(), 1e-5);
  EXPECT_GT((all[0] - all[1]).abs().item<double>(), 1e-3);
}

TEST(NetworkTest, TheSeedFixesTheFirstWeights) {
  const auto a = Lite0(7), b = Lite0(7), c = Lite0(8);
  for (size_t i = 0; i < a->parameters().size(); ++i) {
    EXPECT_TRUE(at::equal(a->parameters()[i], b->parameters()[i]));
  }
  EXPECT_FALSE(at::equal(a->parameters()[0], c->parameters()[0]));
}

TEST(NetworkTest, ConvolutionsStartWithTheVarianceOfTheirFanOut) {
  const at::Tensor w = Lite0()->named_parameters()["features.8.0.weight"];
  EXPECT_NEAR(w.std().item<double>(), std::sqrt(2.0 / 1280), 1e-4);
}

TEST(NetworkTest, DropsBranchesAndValuesInTrainingOnly) {
  const auto network = Lite0();
  const at::NoGradGuard no_grad;
  const at::Tensor x = at::rand({2, 3, 64, 64});
  EXPECT_FALSE(at::equal(network->forward(x), network->forward(x)));
  network->eval();
  EXPECT_TRUE(at::equal(network->forward(x), network->forward(x)));
}

TEST(NetworkTest, StochasticDepthAloneMakesTrainingRandom) {
  EfficientNetConfig config = WithoutRandomness(EfficientNetConfigs()[1]);
  config.stochastic_depth = 1.0;  // The last of 16 blocks: 15 of 16 times.
  const auto random = MakeEfficientNet(config);
  const auto fixed = MakeEfficientNet(WithoutRandomness(config));
  const at::NoGradGuard no_grad;
  const at::Tensor x = at::rand({2, 3, 64, 64});
  EXPECT_FALSE(at::equal(random->forward(x), random->forward(x)));
  EXPECT_TRUE(at::equal(fixed->forward(x), fixed->forward(x)));
}

TEST(NetworkTest, GradientsLieInMemoryAsTheirParameters) {
  // Else every step copies them into the buckets of the reduction.
  const auto network = Lite0();
  network->forward(at::rand({2, 3, 64, 64})).sum().backward();
  for (const auto& item : network->named_parameters()) {
    EXPECT_EQ(item.value().grad().strides(), item.value().strides())
        << item.key();
  }
}

TEST(NetworkTest, NamesTheModelsWhenAskedForAnother) {
  EXPECT_THAT(MakeNetwork("resnet5"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"resnet5\""),
                             HasSubstr("efficientnet_lite0"))));
}

}  // namespace
}  // namespace verso
