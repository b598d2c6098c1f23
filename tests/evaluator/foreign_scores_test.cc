#include "evaluator/foreign_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/evaluator/fakes.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::FakeStore;
using ::verso::testing::SmallTable;
using ::verso::testing::StatusIs;

ForeignOptions Options() {
  return {.name = "theirs", .snapshot = "0123456789abcdef"};
}

// A score for every test sample.
std::string ScoresOf(const FakeStore& store, absl::string_view column,
                     absl::string_view score) {
  std::string csv = absl::StrCat("sample_id,", column, "\n");
  for (const SampleRow& row : store.table) {
    if (row.split != SPLIT_TEST) continue;
    absl::StrAppend(&csv, row.sample_id, ",", score, "\n");
  }
  return csv;
}

TEST(ForeignScoresTest, GiveTheSameTableAsACheckpoint) {
  FakeStore store(SmallTable());
  ASSERT_OK_AND_ASSIGN(
      const EvaluationReport report,
      EvaluateForeignScores(ScoresOf(store, "logit", "3"), store, Options()));
  ASSERT_EQ(report.figures.frozen.sources.size(), 5);
  EXPECT_EQ(report.figures.frozen.sources[0].source, "artbench");
  EXPECT_EQ(report.figures.frozen.sources[0].rate_generated, 1);
  EXPECT_EQ(report.figures.frozen.sources[4].exposure, Exposure::kUnknown);
}

TEST(ForeignScoresTest, AProbabilityIsJudgedAtTheThreshold) {
  FakeStore store(SmallTable());
  ForeignOptions options = Options();
  options.threshold = 0.75;
  ASSERT_OK_AND_ASSIGN(
      const EvaluationReport below,
      EvaluateForeignScores(ScoresOf(store, "probability", "0.7"), store,
                            options));
  EXPECT_EQ(below.figures.frozen.sources[0].predicted_generated, 0);
  EXPECT_EQ(below.figures.half.sources[0].predicted_generated, 12);
}

TEST(ForeignScoresTest, CertaintiesOfZeroAndOneAreScores) {
  FakeStore store(SmallTable());
  ASSERT_OK_AND_ASSIGN(
      const EvaluationReport one,
      EvaluateForeignScores(ScoresOf(store, "probability", "1"), store,
                            Options()));
  EXPECT_EQ(one.figures.frozen.sources[0].predicted_generated, 12);
}

TEST(ForeignScoresTest, APictureWithoutScoreIsNamed) {
  FakeStore store(SmallTable());
  std::string csv = ScoresOf(store, "logit", "3");
  csv.resize(csv.rfind('\n', csv.size() - 2) + 1);
  EXPECT_THAT(EvaluateForeignScores(csv, store, Options()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(store.table.back().sample_id)));
}

TEST(ForeignScoresTest, BadScoresAreNamedWithTheirLine) {
  FakeStore store(SmallTable());
  for (const auto& [column, score] :
       {std::pair{"logit", "x"}, {"logit", "nan"}, {"probability", "1.5"}}) {
    EXPECT_THAT(
        EvaluateForeignScores(ScoresOf(store, column, score), store, Options()),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
  }
}

TEST(ForeignScoresTest, UnknownAndRepeatedIdsAreRefused) {
  FakeStore store(SmallTable());
  const std::string csv = ScoresOf(store, "logit", "3");
  EXPECT_THAT(EvaluateForeignScores(csv + "ffff,1\n", store, Options()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("ffff has a score but is not in")));
  EXPECT_THAT(
      EvaluateForeignScores(
          absl::StrCat(csv, store.table.back().sample_id, ",1\n"), store,
          Options()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("already")));
}

TEST(ForeignScoresTest, NeitherOrBothScoreColumnsAreRefused) {
  FakeStore store(SmallTable());
  for (const char* csv :
       {"sample_id\nx\n", "sample_id,logit,probability\n", "logit\n1\n"}) {
    EXPECT_THAT(EvaluateForeignScores(csv, store, Options()),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace verso
