#include "evaluator/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "evaluator/auroc.h"
#include "tests/evaluator/fakes.h"

namespace verso {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using ::verso::testing::AddRows;

// `generated` of `n` pictures score above 0.5, each its own work.
void AddScores(const std::string& source, Label label, int n, int generated,
               std::vector<ScoreRow>& scores) {
  for (int i = 0; i < n; ++i) {
    scores.push_back({.sample_id = absl::StrCat(source, i),
                      .source = source,
                      .label = label,
                      .split = SPLIT_TEST,
                      .work = absl::StrCat(source, "-work-", i),
                      .logit = i < generated ? 2.0f : -2.0f});
  }
}

TEST(FiguresTest, AgreeWithAHandComputedTable) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 10, 1, scores);
  AddScores("artbench", LABEL_HUMAN, 30, 0, scores);
  AddScores("lofi", LABEL_GENERATED, 20, 15, scores);
  const ThresholdFigures figures = ComputeFigures(scores, 0.5, {}).frozen;
  ASSERT_EQ(figures.sources.size(), 3);
  EXPECT_EQ(figures.sources[1].source, "wga");
  EXPECT_EQ(figures.sources[1].predicted_human, 9);
  EXPECT_EQ(figures.sources[1].predicted_generated, 1);
  EXPECT_EQ(figures.sources[1].rate_generated, 0.1);
  EXPECT_NEAR(figures.sources[1].wilson->high, 0.40415, 1e-5);
  EXPECT_EQ(figures.binary,
            (BinaryCounts{.tn = 39, .fp = 1, .fn = 5, .tp = 15}));
  EXPECT_DOUBLE_EQ(*figures.balanced_accuracy, (39.0 / 40 + 0.75) / 2);
  EXPECT_EQ(figures.worst_human, "wga");
  EXPECT_EQ(figures.worst_generated, "lofi");
}

TEST(FiguresTest, TheFrozenThresholdAndAHalfAreKeptApart) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 10, 4, scores);  // sigmoid(2) = 0.88.
  const Figures figures = ComputeFigures(scores, 0.9, {});
  EXPECT_EQ(figures.frozen.sources[0].predicted_generated, 0);
  EXPECT_EQ(figures.half.sources[0].predicted_generated, 4);
  EXPECT_EQ(figures.half.threshold, 0.5);
}

TEST(FiguresTest, RatesOfFewerThanFiveWorksAreWithheldAndCountsShown) {
  std::vector<ScoreRow> scores;
  AddScores("dalle", LABEL_GENERATED, 4, 3, scores);
  const SourceFigures few = ComputeFigures(scores, 0.5, {}).frozen.sources[0];
  EXPECT_EQ(few.rate_generated, std::nullopt);
  EXPECT_EQ(few.wilson, std::nullopt);
  EXPECT_EQ(few.by_work, std::nullopt);
  EXPECT_EQ(few.predicted_generated, 3);
  AddScores("dalle2", LABEL_GENERATED, 5, 3, scores);
  EXPECT_EQ(ComputeFigures(scores, 0.5, {}).frozen.sources[1].rate_generated,
            0.6);
}

TEST(FiguresTest, ManyPicturesOfFewWorksAreStillWithheld) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 40, 3, scores);
  for (ScoreRow& row : scores) row.work = "one painting and its details";
  const SourceFigures figures =
      ComputeFigures(scores, 0.5, {}).frozen.sources[0];
  EXPECT_EQ(figures.n, 40);
  EXPECT_EQ(figures.n_works, 1);
  EXPECT_EQ(figures.rate_generated, std::nullopt);
}

TEST(FiguresTest, DrawsOfAPictureAreAveragedToOneVerdict) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 1, 1, scores);
  scores.push_back(scores[0]);
  scores[1].draw = 1;
  scores[1].logit = -3;
  const SourceFigures figures =
      ComputeFigures(scores, 0.5, {}).frozen.sources[0];
  EXPECT_EQ(figures.n, 1);
  EXPECT_EQ(figures.predicted_human, 1);
}

TEST(FiguresTest, DegradedPicturesAreNotInTheTable) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 2, 0, scores);
  scores[1].degradation = "jpeg75";
  EXPECT_EQ(ComputeFigures(scores, 0.5, {}).frozen.sources[0].n, 1);
}

TEST(FiguresTest, NoScoresGiveAnEmptyTable) {
  const Figures figures = ComputeFigures({}, 0.5, {});
  EXPECT_TRUE(figures.frozen.sources.empty());
  EXPECT_EQ(figures.frozen.balanced_accuracy, std::nullopt);
  EXPECT_EQ(figures.auroc, std::nullopt);
}

TEST(FiguresTest, CountsOfEverySourceSumToItsPictures) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<ScoreRow> scores;
    std::map<std::string, int64_t> expected;
    for (int i = 0; i < 400; ++i) {
      const std::string source = absl::StrCat("source", random() % 20);
      ++expected[source];
      scores.push_back({.sample_id = absl::StrCat(i),
                        .source = source,
                        .label = random() % 2 ? LABEL_HUMAN : LABEL_GENERATED,
                        .work = absl::StrCat(random() % 60)});
      if (random() % 10)
        scores[i].logit = std::normal_distribution<float>()(random);
    }
    const Figures figures = ComputeFigures(scores, 0.7, {});
    std::map<std::string, int64_t> counted;
    for (const SourceFigures& s : figures.frozen.sources) {
      EXPECT_EQ(s.n, s.predicted_human + s.predicted_generated);
      EXPECT_LE(s.n_works, s.n);
      counted[s.source] += s.n + s.unscored;
    }
    EXPECT_EQ(counted, expected);
  }
}

TEST(FiguresTest, TheOrderOfRowsDoesNotMatter) {
  std::vector<ScoreRow> scores;
  AddScores("wga", LABEL_HUMAN, 30, 7, scores);
  AddScores("lofi", LABEL_GENERATED, 30, 21, scores);
  const Figures figures = ComputeFigures(scores, 0.5, {});
  std::shuffle(scores.begin(), scores.end(), std::mt19937(1));
  const Figures shuffled = ComputeFigures(scores, 0.5, {});
  EXPECT_EQ(figures.auroc, shuffled.auroc);
  EXPECT_EQ(figures.frozen.sources[0].by_work,
            shuffled.frozen.sources[0].by_work);
}

TEST(AurocTest, EqualsTheShareOfPairsThatAreInOrder) {
  EXPECT_EQ(Auroc({0.1, 0.2}, {0.3, 0.4}), 1);
  EXPECT_EQ(Auroc({0.3, 0.4}, {0.1, 0.2}), 0);
  EXPECT_EQ(Auroc({0.5, 0.5}, {0.5}), 0.5);
  EXPECT_EQ(Auroc({0.1, 0.4}, {0.35, 0.8}), 0.75);  // scikit-learn's example.
}

TEST(AurocTest, EqualsCountingPairsOnRandomScores) {
  std::mt19937 random(5);
  std::vector<double> human(70);
  std::vector<double> generated(90);
  for (double& x : human) x = random() % 20;
  for (double& x : generated) x = random() % 25;
  double wins = 0;
  for (const double h : human) {
    for (const double g : generated) wins += g > h ? 1 : g == h ? 0.5 : 0;
  }
  EXPECT_DOUBLE_EQ(Auroc(human, generated), wins / (70 * 90));
}

TEST(StandInsTest, NamesSourcesThatAreNotAllReal) {
  std::vector<SampleRow> table;
  AddRows({.source = "wga", .stand_in = "simulated"}, table);
  AddRows({.source = "lexica", .stand_in = "stand-in"}, table);
  AddRows({.source = "lexica"}, table);
  AddRows({.source = "dalle"}, table);
  EXPECT_THAT(StandInsOf(table),
              UnorderedElementsAre(Pair("wga", "simulated"),
                                   Pair("lexica", "partly stand-in")));
}

}  // namespace
}  // namespace verso
