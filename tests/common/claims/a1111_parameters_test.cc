#include "common/claims/a1111_parameters.h"

#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verso {
namespace {

EmbeddedClaims Take(absl::string_view text) {
  EmbeddedClaims claims;
  EXPECT_TRUE(TakeA1111Parameters(text, claims)) << text;
  return claims;
}

bool IsTaken(absl::string_view text) {
  EmbeddedClaims claims;
  const bool taken = TakeA1111Parameters(text, claims);
  EXPECT_EQ(taken, claims.ByteSizeLong() > 0);
  return taken;
}

TEST(A1111ParametersTest, ReadsEveryFieldOfAWholeText) {
  const EmbeddedClaims claims = Take(
      "a cat,\noil on canvas\nNegative prompt: blurry,\nugly\n"
      "Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 4294967293, "
      "Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned, "
      "Version: v1.6.0");
  const Generator& generator = claims.generator();
  EXPECT_EQ(generator.prompt(), "a cat,\noil on canvas");
  EXPECT_EQ(generator.negative_prompt(), "blurry,\nugly");
  EXPECT_EQ(generator.steps(), 20);
  EXPECT_EQ(generator.sampler(), "Euler a");
  EXPECT_EQ(generator.guidance(), 7.5);
  EXPECT_EQ(generator.seed(), "4294967293");
  EXPECT_EQ(generator.name(), "v1-5-pruned");
  EXPECT_EQ(generator.version(), "6ce0161689");
  EXPECT_EQ(claims.generated_width(), 512);
  EXPECT_EQ(claims.generated_height(), 768);
  EXPECT_EQ(claims.program_version(), "v1.6.0");
  EXPECT_EQ(claims.parameters_format(), "a1111");
}

TEST(A1111ParametersTest, QuotedValuesHoldCommasColonsAndQuotes) {
  const EmbeddedClaims claims = Take(
      "x\nSteps: 9, Lora hashes: \"a: 1, Seed: 5, \\\"b\\\": 2\", Seed: 7, "
      "Model: \"one, two: three\", Sampler: DDIM");
  EXPECT_EQ(claims.generator().seed(), "7");
  EXPECT_EQ(claims.generator().name(), "one, two: three");
  EXPECT_EQ(claims.generator().sampler(), "DDIM");
}

TEST(A1111ParametersTest, AQuoteThatDoesNotEndIsAnOrdinaryValue) {
  const EmbeddedClaims claims =
      Take("x\nSteps: 9, Model: \"half, Seed: 7, Size: 8x8");
  EXPECT_EQ(claims.generator().name(), "\"half");
  EXPECT_EQ(claims.generator().seed(), "7");
}

TEST(A1111ParametersTest, WhatThePromptSaysIsNotTaken) {
  const EmbeddedClaims claims = Take(
      "Steps: 99, Seed: 99, Sampler: none\nmore prompt\n"
      "Steps: 20, Sampler: Euler, Seed: 1");
  EXPECT_EQ(claims.generator().steps(), 20);
  EXPECT_EQ(claims.generator().seed(), "1");
  EXPECT_EQ(claims.generator().prompt(),
            "Steps: 99, Seed: 99, Sampler: none\nmore prompt");
}

TEST(A1111ParametersTest, TheParametersMayStandBehindThePrompt) {
  const EmbeddedClaims claims = Take("a cat, Steps: 20, Sampler: DDIM");
  EXPECT_EQ(claims.generator().prompt(), "a cat");
  EXPECT_EQ(claims.generator().sampler(), "DDIM");
}

TEST(A1111ParametersTest, ThereMayBeNoPromptAtAll) {
  const EmbeddedClaims claims =
      Take("Negative prompt: dog\r\nSteps: 4, Seed: 2\r\n");
  EXPECT_EQ(claims.generator().prompt(), "");
  EXPECT_EQ(claims.generator().negative_prompt(), "dog");
}

TEST(A1111ParametersTest, OtherTextsAreLeftAlone) {
  for (const char* text :
       {"", "\n", "cat", "Steps: ", "Steps: 20", "Steps: many, Sampler: DDIM",
        "Steps: 0, Seed: 1", "Steps: nan, Seed: 1", "Footsteps: 20, Seed: 1",
        "Today 8000 Steps: 5, and Sampler", "Steps: 20, Sampler: x\nlater"}) {
    EXPECT_FALSE(IsTaken(text)) << text;
  }
}

TEST(A1111ParametersTest, ImpossibleValuesAreLeftOut) {
  const EmbeddedClaims claims = Take(
      "x\nSteps: 20, Sampler: y, CFG scale: nan, Seed: 1;drop, "
      "Size: 99999999999x1");
  EXPECT_EQ(claims.generator().guidance(), 0);
  EXPECT_EQ(claims.generator().seed(), "");
  EXPECT_EQ(claims.generated_width(), 0);
}

TEST(A1111ParametersTest, LongTextsAreCutAndControlCharactersDropped) {
  std::string prompt;
  while (prompt.size() < 60'000) prompt += "ü";
  const EmbeddedClaims claims =
      Take(prompt + "\nSteps: 1, Seed: 1, Model: \"a\\u0000\\u001b[2Jb\"");
  EXPECT_LE(claims.generator().prompt().size(), 8u << 10);
  EXPECT_EQ(claims.generator().prompt(),
            prompt.substr(0, claims.generator().prompt().size()));
  EXPECT_EQ(claims.generator().name(), "a[2Jb");
}

TEST(A1111ParametersTest, MutatedTextsEndWithAnAnswer) {
  const std::string whole =
      "a\nNegative prompt: b\nSteps: 2, Model: \"c\\\"d\", Size: 1x1, Seed: 3";
  std::mt19937 random(4);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole;
    for (int n = 1 + random() % 4; n > 0; --n) {
      const char kEdges[] = {'"', '\\', ',', ':', '\n', ' ', '\0'};
      text[random() % text.size()] = kEdges[random() % std::size(kEdges)];
    }
    IsTaken(text.substr(0, random() % (text.size() + 1)));
  }
}

}  // namespace
}  // namespace verso
