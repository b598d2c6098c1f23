#include "evaluator/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "evaluator/report_json.h"
#include "evaluator/table_markdown.h"
#include "tests/evaluator/fakes.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::FakeClassifier;
using ::verso::testing::FakeStore;
using ::verso::testing::SmallTable;
using ::verso::testing::StatusIs;
using ::verso::testing::UnitOf;

std::optional<float> AnyLogit(const ClassifierInput& input) {
  return static_cast<float>(8 * UnitOf(input.sample_id) - 4);
}

EvaluationOptions Options() {
  return {.checkpoint = "step-0000000120", .manifest_sha256 = "abc"};
}

TEST(EvaluatorTest, EveryTestSampleComesExactlyOnceAndNoOther) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  ASSERT_OK_AND_ASSIGN(const EvaluationReport report,
                       Evaluate(classifier, store, Options()));
  std::multiset<std::string> expected;
  for (const SampleRow& row : store.table) {
    if (row.split == SPLIT_TEST) expected.insert(row.sample_id);
  }
  std::multiset<std::string> scored;
  for (const ScoreRow& row : report.scores) scored.insert(row.sample_id);
  EXPECT_EQ(scored, expected);
}

TEST(EvaluatorTest, AsksForTheTestSplitUnshuffledAndWhole) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  ASSERT_OK(Evaluate(classifier, store, Options()));
  EXPECT_EQ(store.asked.split, SPLIT_TEST);
  EXPECT_FALSE(store.asked.shuffle);
  EXPECT_EQ(store.asked.world_size, 1);
  EXPECT_EQ(store.asked.epochs, 1);
  EXPECT_EQ(store.asked.snapshot, "0123456789abcdef");
}

TEST(EvaluatorTest, ScoresAreJoinedWithTheSampleTable) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  ASSERT_OK_AND_ASSIGN(const EvaluationReport report,
                       Evaluate(classifier, store, Options()));
  const ScoreRow& last = report.scores.back();
  const SampleRow& row = store.table.back();
  EXPECT_EQ(last.sample_id, row.sample_id);
  EXPECT_EQ(last.source, "dalle");
  EXPECT_EQ(last.collection, row.collection);
  EXPECT_EQ(last.family, "dall-e");
  EXPECT_EQ(last.generator, "dall-e-1");
  EXPECT_EQ(last.work, row.work);
  EXPECT_EQ(last.exposure, Exposure::kUnseen);
  EXPECT_EQ(last.degradation, "none");
  EXPECT_EQ(last.logit, AnyLogit({.sample_id = row.sample_id}));
}

TEST(EvaluatorTest, TheThresholdIsTheManifests) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  ASSERT_OK_AND_ASSIGN(const EvaluationReport report,
                       Evaluate(classifier, store, Options()));
  EXPECT_EQ(report.figures.frozen.threshold, 0.625);
  EXPECT_EQ(report.subject.threshold_origin,
            "frozen on validation, alpha 0.05");
}

TEST(EvaluatorTest, APictureThatCannotBeDecodedIsARowWithoutLogit) {
  FakeStore store(SmallTable());
  const std::string bad = store.table.back().sample_id;
  FakeClassifier classifier([&](const ClassifierInput& input) {
    return input.sample_id == bad ? std::nullopt : AnyLogit(input);
  });
  classifier.draws = 2;
  ASSERT_OK_AND_ASSIGN(const EvaluationReport report,
                       Evaluate(classifier, store, Options()));
  EXPECT_EQ(report.scores.back().logit, std::nullopt);
  EXPECT_EQ(UnscoredIn(report), 1);
}

TEST(EvaluatorTest, EveryDrawIsARow) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  classifier.draws = 3;
  ASSERT_OK_AND_ASSIGN(const EvaluationReport report,
                       Evaluate(classifier, store, Options()));
  EXPECT_EQ(report.scores[2].draw, 2);
  EXPECT_EQ(report.scores[2].sample_id, report.scores[0].sample_id);
  EXPECT_EQ(report.figures.frozen.sources[0].n, 12);
}

TEST(EvaluatorTest, TheSameCheckpointGivesTheSameBytes) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  ASSERT_OK_AND_ASSIGN(const EvaluationReport once,
                       Evaluate(classifier, store, Options()));
  EvaluationOptions other = Options();
  other.batch_size = 5;
  ASSERT_OK_AND_ASSIGN(const EvaluationReport again,
                       Evaluate(classifier, store, other));
  EXPECT_EQ(ScoresToCsv(once.scores), ScoresToCsv(again.scores));
  EXPECT_EQ(ReportToJson(once), ReportToJson(again));
  EXPECT_EQ(TableMarkdown(once), TableMarkdown(again));
}

TEST(EvaluatorTest, ReportsProgressUpToTheWhole) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  EvaluationOptions options = Options();
  int64_t last = 0;
  options.progress = [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 56);
    EXPECT_EQ(done, ++last);
  };
  ASSERT_OK(Evaluate(classifier, store, options));
  EXPECT_EQ(last, 56);
}

TEST(EvaluatorTest, APictureThatTheClassifierLeftOutFailsTheReport) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  classifier.leave_out_first = true;
  EXPECT_THAT(Evaluate(classifier, store, Options()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("0 times")));
}

TEST(EvaluatorTest, ADivergedCheckpointIsNamedInsteadOfJudged) {
  FakeStore store(SmallTable());
  FakeClassifier classifier([](const ClassifierInput&) { return NAN; });
  EXPECT_THAT(Evaluate(classifier, store, Options()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("diverged")));
}

TEST(EvaluatorTest, AStreamThatDisagreesWithTheTableFailsTheReport) {
  FakeStore store(SmallTable());
  store.spoil = [](Sample& sample) { sample.index = 0; };
  FakeClassifier classifier(AnyLogit);
  EXPECT_THAT(Evaluate(classifier, store, Options()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("fsck")));
}

TEST(EvaluatorTest, ASnapshotWithoutTestSamplesIsRefused) {
  std::vector<SampleRow> table;
  testing::AddRows({.source = "wga", .split = SPLIT_TRAIN}, table);
  FakeStore store(table);
  FakeClassifier classifier(AnyLogit);
  EXPECT_THAT(
      Evaluate(classifier, store, Options()),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--fraction")));
}

TEST(EvaluatorTest, AnUnknownSnapshotIsNotFound) {
  FakeStore store(SmallTable());
  FakeClassifier classifier(AnyLogit);
  classifier.manifest_.snapshot = "gone";
  EXPECT_THAT(Evaluate(classifier, store, Options()),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace verso
