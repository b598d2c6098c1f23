#include "evaluator/exposure.h"

#include <gtest/gtest.h>

#include "tests/evaluator/fakes.h"

namespace verso {
namespace {

using ::verso::testing::AddRows;

TrainedOn Trained(std::initializer_list<testing::RowsSpec> specs) {
  std::vector<SampleRow> table;
  for (const auto& spec : specs) AddRows(spec, table);
  return TrainedOn(table);
}

TrainedOn WgaAndLofi() {
  return Trained({{.source = "wga", .split = SPLIT_TRAIN},
                  {.source = "lofi",
                   .label = LABEL_GENERATED,
                   .split = SPLIT_TRAIN,
                   .family = "stable-diffusion"}});
}

TEST(ExposureTest, ASourceOfTheTrainSplitIsSameSource) {
  EXPECT_EQ(WgaAndLofi().ExposureOf("wga", LABEL_HUMAN, ""),
            Exposure::kSameSource);
  EXPECT_EQ(
      WgaAndLofi().ExposureOf("lofi", LABEL_GENERATED, "stable-diffusion"),
      Exposure::kSameSource);
}

TEST(ExposureTest, AnotherSourceOfATrainedFamilyIsSameFamily) {
  EXPECT_EQ(
      WgaAndLofi().ExposureOf("lexica", LABEL_GENERATED, "stable-diffusion"),
      Exposure::kSameFamily);
}

TEST(ExposureTest, AnotherFamilyIsUnseen) {
  EXPECT_EQ(WgaAndLofi().ExposureOf("dalle", LABEL_GENERATED, "dall-e"),
            Exposure::kUnseen);
}

TEST(ExposureTest, AHumanSourceNotTrainedOnIsUnseen) {
  EXPECT_EQ(WgaAndLofi().ExposureOf("artbench", LABEL_HUMAN, ""),
            Exposure::kUnseen);
}

TEST(ExposureTest, TwoUnknownFamiliesAreNotOneFamily) {
  const TrainedOn trained = Trained(
      {{.source = "mystery", .label = LABEL_GENERATED, .split = SPLIT_TRAIN}});
  EXPECT_EQ(trained.ExposureOf("other", LABEL_GENERATED, ""),
            Exposure::kUnseen);
}

TEST(ExposureTest, ValidationAndTestAreNotTraining) {
  const TrainedOn trained =
      Trained({{.source = "wga", .split = SPLIT_VALIDATION},
               {.source = "artbench", .split = SPLIT_TEST}});
  EXPECT_EQ(trained.ExposureOf("wga", LABEL_HUMAN, ""), Exposure::kUnseen);
  EXPECT_EQ(trained.ExposureOf("artbench", LABEL_HUMAN, ""), Exposure::kUnseen);
}

TEST(ExposureTest, MixedAndUnknownSamplesAreNotTrainedOn) {
  const TrainedOn trained = Trained(
      {{.source = "blend", .label = LABEL_MIXED, .split = SPLIT_TRAIN}});
  EXPECT_EQ(trained.ExposureOf("blend", LABEL_MIXED, ""), Exposure::kUnseen);
}

}  // namespace
}  // namespace verso
