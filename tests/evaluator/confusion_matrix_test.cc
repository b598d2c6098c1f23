#include "evaluator/confusion_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace verso {
namespace {

using ::testing::ElementsAre;

ScoredSample Sample(const std::string& source, Label label,
                    std::optional<double> probability,
                    const std::string& work = "work") {
  return {.source = source,
          .work = work,
          .label = label,
          .probability = probability};
}

std::vector<std::string> ColumnNames(const ConfusionMatrix& matrix) {
  std::vector<std::string> names;
  for (const ConfusionColumn& column : matrix.Columns()) {
    names.push_back(column.source);
  }
  return names;
}

TEST(ConfusionMatrixTest, HumanArtCalledGeneratedIsAFalsePositive) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.9));
  EXPECT_EQ(matrix.Binary(), (BinaryCounts{.fp = 1}));
}

TEST(ConfusionMatrixTest, GeneratedArtCalledHumanIsAFalseNegative) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("lofi", LABEL_GENERATED, 0.1));
  EXPECT_EQ(matrix.Binary(), (BinaryCounts{.fn = 1}));
}

TEST(ConfusionMatrixTest, AtTheThresholdIsGenerated) {
  ConfusionMatrix matrix(0.625);
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.625));
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.6249999));
  EXPECT_EQ(matrix.Binary(), (BinaryCounts{.tn = 1, .fp = 1}));
}

TEST(ConfusionMatrixTest, ColumnsStandInThePapersOrder) {
  ConfusionMatrix matrix(0.5);
  for (const char* source : {"dalle", "zoo", "lexica", "lofi", "flux"}) {
    matrix.Add(Sample(source, LABEL_GENERATED, 1));
  }
  for (const char* source : {"wga", "museum", "artbench"}) {
    matrix.Add(Sample(source, LABEL_HUMAN, 0));
  }
  matrix.Add(Sample("scraped", LABEL_UNKNOWN, 0));
  matrix.Add(Sample("blend", LABEL_MIXED, 0));
  EXPECT_THAT(ColumnNames(matrix),
              ElementsAre("artbench", "wga", "museum", "lofi", "lexica",
                          "dalle", "flux", "zoo", "blend", "scraped"));
}

TEST(ConfusionMatrixTest, ASourceWithTwoLabelsHasTwoColumns) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("own", LABEL_HUMAN, 0));
  matrix.Add(Sample("own", LABEL_GENERATED, 0));
  EXPECT_THAT(ColumnNames(matrix), ElementsAre("own", "own"));
}

TEST(ConfusionMatrixTest, MixedAndUnknownSourcesAreInNoBinaryCount) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("blend", LABEL_MIXED, 1));
  matrix.Add(Sample("scraped", LABEL_UNKNOWN, 1));
  EXPECT_EQ(matrix.Binary(), BinaryCounts());
}

TEST(ConfusionMatrixTest, AnUndecodedPictureIsCountedApart) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("wga", LABEL_HUMAN, std::nullopt));
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.1));
  const ConfusionColumn column = matrix.Columns()[0];
  EXPECT_EQ(column.n(), 1);
  EXPECT_EQ(column.unscored, 1);
}

TEST(ConfusionMatrixTest, PicturesOfAWorkAreCountedTogether) {
  ConfusionMatrix matrix(0.5);
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.9, "whole"));
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.2, "whole"));
  matrix.Add(Sample("wga", LABEL_HUMAN, 0.1, "other"));
  const ConfusionColumn column = matrix.Columns()[0];
  ASSERT_EQ(column.works.size(), 2);
  EXPECT_EQ(column.works.at("whole").hits, 1);
  EXPECT_EQ(column.works.at("whole").trials, 2);
}

}  // namespace
}  // namespace verso
