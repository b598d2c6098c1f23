#include "trainer/weights.h"

#include <filesystem>

#include "ATen/ATen.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::StatusIs;

std::shared_ptr<Network> MakeLite0() {
  return MakeNetwork("efficientnet_lite0").value();
}

std::filesystem::path Write(const TensorMap& tensors) {
  const auto path = testing::MakeTestDir("weights") / "w.safetensors";
  EXPECT_OK(WriteSafetensors(path, tensors));
  return path;
}

TensorMap CopyOf(const TensorMap& tensors) {
  TensorMap copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.clone();
  return copy;
}

TEST(WeightsTest, TwoNetworksWithOneStateAnswerAlike) {
  const auto a = MakeLite0(), b = MakeLite0();
  const at::NoGradGuard no_grad;
  const at::Tensor x = at::rand({2, 3, 64, 64});
  a->forward(x);  // Moves the running means: buffers are state too.
  ASSERT_OK(LoadState(*b, CopyOf(StateOf(*a))));
  a->eval();
  b->eval();
  EXPECT_TRUE(at::equal(a->forward(x), b->forward(x)));
}

TEST(WeightsTest, TheStateSharesTheNetworksMemory) {
  const auto network = MakeLite0();
  StateOf(*network).at("classifier.1.bias").fill_(3);
  EXPECT_EQ(network->named_parameters()["classifier.1.bias"].item<float>(), 3);
}

TEST(WeightsTest, LoadingKeepsTheMemoryFormat) {
  const auto network = MakeLite0();
  TensorMap state = CopyOf(StateOf(*network));
  state["features.0.0.weight"] = state["features.0.0.weight"].contiguous();
  ASSERT_OK(LoadState(*network, state));
  EXPECT_TRUE(
      network->parameters()[0].is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(WeightsTest, NamesAMissingTensorAndChangesNothing) {
  const auto network = MakeLite0();
  const TensorMap before = CopyOf(StateOf(*network));
  TensorMap state = CopyOf(before);
  state["classifier.1.bias"].add_(1);
  state.erase("features.8.1.running_var");
  EXPECT_THAT(LoadState(*network, state),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("lack features.8.1.running_var")));
  EXPECT_TRUE(at::equal(StateOf(*network).at("classifier.1.bias"),
                        before.at("classifier.1.bias")));
}

TEST(WeightsTest, NamesATensorOfAnotherShape) {
  const auto network = MakeLite0();
  TensorMap state = CopyOf(StateOf(*network));
  state["features.0.0.weight"] = at::zeros({8, 3, 3, 3});
  EXPECT_THAT(LoadState(*network, state),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("features.0.0.weight as [8, 3, 3, 3]")));
}

TEST(WeightsTest, NamesATensorThatTheNetworkLacks) {
  const auto network = MakeLite0();
  TensorMap state = CopyOf(StateOf(*network));
  state["fc.weight"] = at::zeros({1});
  EXPECT_THAT(LoadState(*network, state),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("have fc.weight")));
}

TEST(WeightsTest, LeavesOutAClassifierOfOtherClasses) {
  const auto imagenet = MakeLite0(), ours = MakeLite0();
  TensorMap state = CopyOf(StateOf(*imagenet));
  state["classifier.1.weight"] = at::rand({1000, 1280});
  state["classifier.1.bias"] = at::rand({1000});
  const TensorMap before = CopyOf(StateOf(*ours));
  ASSERT_OK_AND_ASSIGN(const auto left_out,
                       LoadPretrained(*ours, Write(state)));
  EXPECT_THAT(left_out,
              ElementsAre("classifier.1.bias", "classifier.1.weight"));
  const TensorMap after = StateOf(*ours);
  EXPECT_TRUE(at::equal(after.at("classifier.1.weight"),
                        before.at("classifier.1.weight")));
  EXPECT_TRUE(at::equal(after.at("features.0.0.weight"),
                        state.at("features.0.0.weight")));
}

TEST(WeightsTest, TakesAClassifierOfOneOutput) {
  const auto a = MakeLite0(), b = MakeLite0();
  ASSERT_OK_AND_ASSIGN(const auto left_out,
                       LoadPretrained(*b, Write(StateOf(*a))));
  EXPECT_THAT(left_out, IsEmpty());
  EXPECT_TRUE(at::equal(StateOf(*a).at("classifier.1.weight"),
                        StateOf(*b).at("classifier.1.weight")));
}

TEST(WeightsTest, NamesTheFileWhoseWeightsDoNotFit) {
  const auto path = Write({{"fc.weight", at::zeros({1})}});
  EXPECT_THAT(
      LoadPretrained(*MakeLite0(), path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(path.string()), HasSubstr("another model"))));
}

}  // namespace
}  // namespace verso
