#include "common/claims/generation_json.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace verso {
namespace {

constexpr char kComfyPrompt[] = R"({
  "3": {"class_type": "KSampler", "inputs": {
      "seed": 18446744073709551615, "steps": 25, "cfg": 6.5,
      "sampler_name": "dpmpp_2m", "scheduler": "karras",
      "model": ["4", 0], "positive": ["8", 0], "negative": ["7", 0]}},
  "4": {"class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "sd_xl.safetensors"}},
  "5": {"class_type": "EmptyLatentImage",
        "inputs": {"width": 1024, "height": 832, "batch_size": 1}},
  "6": {"class_type": "CLIPTextEncode",
        "inputs": {"text": "a cat", "clip": ["4", 1]}},
  "7": {"class_type": "CLIPTextEncode",
        "inputs": {"text": ["9", 0], "clip": ["4", 1]}},
  "8": {"class_type": "ConditioningZeroOut",
        "inputs": {"conditioning": ["6", 0]}},
  "9": {"class_type": "PrimitiveString", "inputs": {"value": "blurry"}}})";

EmbeddedClaims Take(absl::string_view text) {
  EmbeddedClaims claims;
  EXPECT_TRUE(TakeGenerationJson(text, claims)) << text;
  return claims;
}

bool IsTaken(absl::string_view text) {
  EmbeddedClaims claims;
  const bool taken = TakeGenerationJson(text, claims);
  EXPECT_EQ(taken, claims.ByteSizeLong() > 0);
  return taken;
}

TEST(GenerationJsonTest, ReadsTheGraphThatComfyUiRan) {
  const EmbeddedClaims claims = Take(kComfyPrompt);
  const Generator& generator = claims.generator();
  EXPECT_EQ(claims.parameters_format(), "comfyui");
  EXPECT_EQ(generator.seed(), "18446744073709551615");
  EXPECT_EQ(generator.steps(), 25);
  EXPECT_EQ(generator.guidance(), 6.5);
  EXPECT_EQ(generator.sampler(), "dpmpp_2m");
  EXPECT_EQ(generator.name(), "sd_xl.safetensors");
  EXPECT_EQ(generator.prompt(), "a cat");
  EXPECT_EQ(generator.negative_prompt(), "blurry");
  EXPECT_EQ(claims.generated_width(), 1024);
  EXPECT_EQ(claims.generated_height(), 832);
}

TEST(GenerationJsonTest, AGraphWithoutAnOrdinarySamplerIsStillComfyUis) {
  const EmbeddedClaims claims = Take(
      R"({"1": {"class_type": "SamplerCustom", "inputs": {"steps": ["2", 0],
          "noise_seed": 5}}})");
  EXPECT_EQ(claims.parameters_format(), "comfyui");
  EXPECT_EQ(claims.generator().steps(), 0);
}

TEST(GenerationJsonTest, LinksInACircleEnd) {
  const EmbeddedClaims claims = Take(
      R"({"1": {"class_type": "KSampler", "inputs": {"steps": 1, "seed": 1,
          "positive": ["2", 0]}},
          "2": {"class_type": "x", "inputs": {"conditioning": ["2", 0]}}})");
  EXPECT_EQ(claims.generator().prompt(), "");
}

TEST(GenerationJsonTest, ReadsTheDrawnWorkflow) {
  const EmbeddedClaims claims = Take(
      R"({"last_node_id": 3, "nodes": [
          {"id": 1, "type": "KSampler",
           "widgets_values": [7, "fixed", 20, 8, "euler", "normal", 1]},
          {"id": 2, "type": "CheckpointLoaderSimple",
           "widgets_values": ["v1-5.ckpt"]},
          {"id": 3, "type": "EmptyLatentImage",
           "widgets_values": [512, 640, 1]}], "links": []})");
  EXPECT_EQ(claims.generator().seed(), "7");
  EXPECT_EQ(claims.generator().steps(), 20);
  EXPECT_EQ(claims.generator().guidance(), 8);
  EXPECT_EQ(claims.generator().sampler(), "euler");
  EXPECT_EQ(claims.generator().name(), "v1-5.ckpt");
  EXPECT_EQ(claims.generated_height(), 640);
}

TEST(GenerationJsonTest, ReadsNovelAisComment) {
  const EmbeddedClaims claims = Take(
      R"({"steps": 28, "height": 1216, "width": 832, "scale": 5.0,
          "seed": 42, "sampler": "k_euler", "prompt": "cat", "uc": "dog"})");
  EXPECT_EQ(claims.parameters_format(), "novelai");
  EXPECT_EQ(claims.generator().negative_prompt(), "dog");
  EXPECT_EQ(claims.generated_width(), 832);
}

TEST(GenerationJsonTest, ReadsInvokeAisMetadata) {
  const EmbeddedClaims claims = Take(
      R"({"app_version": "3.4.0", "positive_prompt": "cat", "steps": 30,
          "negative_prompt": "", "seed": 9, "cfg_scale": 7.5,
          "scheduler": "ddim", "model": {"model_name": "sd-1"}})");
  EXPECT_EQ(claims.parameters_format(), "invokeai");
  EXPECT_EQ(claims.program_version(), "3.4.0");
  EXPECT_EQ(claims.generator().name(), "sd-1");
}

TEST(GenerationJsonTest, OtherJsonAndBrokenJsonAreLeftAlone) {
  for (const char* text :
       {"", "{}", "[]", "cat", "{", "7", "{\"a\":1}", "{\"prompt\":\"cat\"}",
        "{\"nodes\":\"x\"}", "{\"nodes\":[1,[],{}]}",
        "{\"1\":{\"class_type\":7,\"inputs\":{}}}",
        "{\"steps\":1,\"seed\":\"x\",\"sampler\":\"y\"}",
        "{\"a\":\"\\ud800\"}"}) {
    EXPECT_FALSE(IsTaken(text)) << text;
  }
}

TEST(GenerationJsonTest, DeepAndLongTextsAreRefused) {
  const auto nested = [](int depth) {
    return absl::StrCat("{\"1\":{\"class_type\":\"x\",\"inputs\":{\"a\":",
                        std::string(depth, '['), std::string(depth, ']'),
                        "}}}");
  };
  EXPECT_TRUE(IsTaken(nested(60)));
  EXPECT_FALSE(IsTaken(nested(62)));
  EXPECT_FALSE(IsTaken(nested(500'000)));
  EXPECT_FALSE(IsTaken(std::string(900'000, '{')));
  EXPECT_FALSE(
      IsTaken(absl::StrCat(kComfyPrompt, std::string(1 << 20, ' '), "{}")));
}

TEST(GenerationJsonTest, MutatedGraphsEndWithAnAnswer) {
  std::mt19937 random(5);
  const std::string whole = kComfyPrompt;
  for (int i = 0; i < 5'000; ++i) {
    std::string text = whole;
    for (int n = 1 + random() % 4; n > 0; --n) {
      constexpr char kEdges[] = "\"\\{}[]:,0-9e.n \n";
      text[random() % text.size()] = kEdges[random() % std::size(kEdges)];
    }
    IsTaken(text);
  }
}

}  // namespace
}  // namespace verso
