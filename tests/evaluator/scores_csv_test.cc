#include "evaluator/scores_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::IsOkAndHolds;
using ::verso::testing::StatusIs;

ScoreRow Row(float logit) {
  return {.sample_id = "00ff",
          .source = "wga",
          .collection = "paintings",
          .label = LABEL_HUMAN,
          .exposure = Exposure::kSameSource,
          .split = SPLIT_TEST,
          .work = "wga-1",
          .draw = 2,
          .logit = logit};
}

TEST(ScoresCsvTest, HasTheColumnsOfTheDesignInOrder) {
  EXPECT_EQ(ScoresToCsv({Row(-1.5f)}),
            "sample_id,source,collection,family,generator,label,exposure,split,"
            "work,degradation,draw,logit\n"
            "00ff,wga,paintings,,,human,same_source,test,wga-1,none,2,-1.5\n");
}

TEST(ScoresCsvTest, APictureWithoutScoreHasAnEmptyLogit) {
  ScoreRow row = Row(0);
  row.logit.reset();
  EXPECT_THAT(ScoresToCsv({row}), HasSubstr(",none,2,\n"));
  EXPECT_THAT(ScoresFromCsv(ScoresToCsv({row})),
              IsOkAndHolds(std::vector<ScoreRow>{row}));
}

TEST(ScoresCsvTest, HostileTextComesBackAsItWas) {
  ScoreRow row = Row(0.1f);
  row.source = "a,b\"c\"\n=HYPERLINK(\"x\")";
  row.generator = "<script>alert(1)</script>\r\n";
  row.work = std::string("nul\0byte", 8);
  EXPECT_THAT(ScoresFromCsv(ScoresToCsv({row, row})),
              IsOkAndHolds(std::vector<ScoreRow>{row, row}));
}

TEST(ScoresCsvTest, EveryLogitReadsBackBitForBit) {
  std::mt19937 random(7);
  std::vector<ScoreRow> rows = {Row(std::numeric_limits<float>::denorm_min()),
                                Row(std::numeric_limits<float>::max()),
                                Row(-INFINITY)};
  std::normal_distribution<float> logit(0, 20);
  for (int i = 0; i < 5000; ++i) rows.push_back(Row(logit(random)));
  EXPECT_THAT(ScoresFromCsv(ScoresToCsv(rows)), IsOkAndHolds(rows));
}

TEST(ScoresCsvTest, AMissingColumnIsNamed) {
  EXPECT_THAT(ScoresFromCsv("sample_id,source\na,b\n"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("collection")));
}

TEST(ScoresCsvTest, ABadCellIsNamedWithItsLine) {
  std::string csv = ScoresToCsv({Row(1), Row(2)});
  csv.replace(csv.rfind(",2\n"), 3, ",nan\n");
  EXPECT_THAT(ScoresFromCsv(csv),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("line 3: logit cannot be \"nan\"")));
}

TEST(ScoresCsvTest, ARowOfAnotherLengthIsRefused) {
  EXPECT_THAT(ScoresFromCsv(ScoresToCsv({}) + "a,b\n"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("2 cells")));
}

TEST(ScoresCsvTest, UnknownColumnsAreIgnored) {
  std::string csv = ScoresToCsv({Row(1)});
  csv.insert(csv.find('\n'), ",note");
  csv.insert(csv.rfind('\n'), ",hello");
  EXPECT_THAT(ScoresFromCsv(csv), IsOkAndHolds(std::vector<ScoreRow>{Row(1)}));
}

}  // namespace
}  // namespace verso
