#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "evaluator/csv_table.h"
#include "evaluator/report_json.h"
#include "evaluator/table_csv.h"
#include "evaluator/table_layout.h"
#include "evaluator/table_markdown.h"
#include "tests/evaluator/sample_report.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::SampleReport;
using ::verso::testing::StatusIs;

constexpr char kGolden[] =
    R"(# Extended confusion matrix: step-0000000120 of run quickstart, snapshot 0123456789abcdef, threshold 0.625 (simulated pictures)

**These pictures only stand in for the sites: wga (simulated). The figures hold for them and say nothing about the sites.**

- Model efficientnet_lite0, step 120.
- Snapshot 0123456789abcdef (d4_fair): its test split and held-out sources.
- Validation loss 0.2500, accuracy 0.900 at 0.5.

## At threshold 0.625 (frozen on validation, alpha 0.05)

| predicted                 | artbench (human) |    wga (human) | lofi (generated) | dalle (generated) |
|:--------------------------|-----------------:|---------------:|-----------------:|------------------:|
| human                     |            1.000 |          0.900 |            0.100 |               n/a |
| generated                 |            0.000 |          0.100 |            0.900 |               n/a |
| human, pictures           |               20 |              9 |                1 |                 1 |
| generated, pictures       |                0 |              1 |                9 |                 3 |
| n                         |               20 |             10 |               10 |                 4 |
| works                     |               20 |             10 |               10 |                 4 |
| generated, 95 % (Wilson)  |   0.000 to 0.161 | 0.018 to 0.404 |   0.596 to 0.982 |               n/a |
| generated, 95 % (by work) |              n/a | 0.000 to 0.300 |   0.700 to 1.000 |               n/a |
| exposure                  |      same source |    same source |      same source |            unseen |
| pictures are              |             real |      simulated |             real |              real |

- All human and generated sources: TN 29, FP 1, FN 2, TP 12; balanced accuracy 0.912.
- Worst human source: wga, 0.100 called generated (95 % interval up to 0.404).
- Worst generated source: lofi, 0.900 found (95 % interval from 0.596).

## At threshold 0.5

| predicted                 | artbench (human) |    wga (human) | lofi (generated) | dalle (generated) |
|:--------------------------|-----------------:|---------------:|-----------------:|------------------:|
| human                     |            1.000 |          0.900 |            0.100 |               n/a |
| generated                 |            0.000 |          0.100 |            0.900 |               n/a |
| human, pictures           |               20 |              9 |                1 |                 1 |
| generated, pictures       |                0 |              1 |                9 |                 3 |
| n                         |               20 |             10 |               10 |                 4 |
| works                     |               20 |             10 |               10 |                 4 |
| generated, 95 % (Wilson)  |   0.000 to 0.161 | 0.018 to 0.404 |   0.596 to 0.982 |               n/a |
| generated, 95 % (by work) |              n/a | 0.000 to 0.300 |   0.700 to 1.000 |               n/a |
| exposure                  |      same source |    same source |      same source |            unseen |
| pictures are              |             real |      simulated |             real |              real |

- All human and generated sources: TN 29, FP 1, FN 2, TP 12; balanced accuracy 0.912.
- Worst human source: wga, 0.100 called generated (95 % interval up to 0.404).
- Worst generated source: lofi, 0.900 found (95 % interval from 0.596).

- AUROC, all human and generated sources together: 0.912.
- A cell is the share of a source's test pictures that were predicted to be of the row's class; the source's true class is in its head.
- Rates of sources with fewer than 5 works are withheld (n/a).
- The Wilson interval counts pictures as independent; the one by work draws whole works, and is n/a where all works agree.
- Exposure: same source = trained on it; same family = trained on another source of its generator's family; unseen = neither.
- A threshold frozen on validation keeps to its alpha there; on the test split a rate may lie above it.
)";

TEST(TableMarkdownTest, HasTheLayoutOfThePapersFigure5) {
  EXPECT_EQ(TableMarkdown(SampleReport(120)), kGolden);
}

TEST(TableMarkdownTest, NamesTheSourcesThatStandIn) {
  EXPECT_THAT(TableMarkdown(SampleReport(120)),
              HasSubstr("only stand in for the sites: wga (simulated)"));
  EvaluationReport real = SampleReport(120);
  real.figures = ComputeFigures(real.scores, 0.625, {});
  EXPECT_THAT(TableMarkdown(real), Not(HasSubstr("stand in")));
  EXPECT_THAT(TableMarkdown(real), Not(HasSubstr("simulated")));
}

TEST(TableMarkdownTest, TextFromOutsideMakesNoMarkup) {
  EXPECT_EQ(EscapeMarkdown("a|b\n<script>*x*\x1b[2J`&"),
            "a\\|b &lt;script>\\*x\\* \\[2J\\`&amp;");
}

TEST(TableMarkdownTest, AHostileSourceStaysInItsCell) {
  EvaluationReport report = SampleReport(120);
  for (ScoreRow& row : report.scores) {
    if (row.source == "wga") row.source = "evil | x\n| y <img src=q>";
  }
  report.figures = ComputeFigures(report.scores, 0.625, {});
  for (const absl::string_view line :
       absl::StrSplit(TableMarkdown(report), '\n')) {
    if (line.empty() || line[0] != '|') continue;
    int bars = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    }
    EXPECT_EQ(bars, 6) << line;
  }
}

TEST(TableLayoutTest, ATinyThresholdIsNotShownAsZero) {
  EXPECT_EQ(ThresholdText(1.25e-5), "1.25e-05");
  EXPECT_EQ(ThresholdText(0.5), "0.5");
}

TEST(TableLayoutTest, WrongSharesAreMarkedAndMixedOnesAreNot) {
  EvaluationReport report = SampleReport(120);
  testing::AddScores("blend", LABEL_MIXED, 6, 3, report);
  report.figures = ComputeFigures(report.scores, 0.625, {});
  const TableLayout table = LayOutTable(report.figures.frozen);
  ASSERT_EQ(table.columns.back(), "blend (mixed)");
  const TableRow& human = table.rows[0];
  const TableRow& generated = table.rows[1];
  EXPECT_FALSE(human.cells[0].wrong);  // artbench (human).
  EXPECT_TRUE(generated.cells[0].wrong);
  EXPECT_TRUE(human.cells[2].wrong);  // lofi (generated).
  EXPECT_FALSE(generated.cells[2].wrong);
  EXPECT_EQ(generated.cells.back().rate, std::nullopt);
}

TEST(TableCsvTest, HasOneRowPerSourceAndTheDocumentedColumns) {
  const std::string csv = TableCsv(SampleReport(120));
  ASSERT_OK_AND_ASSIGN(CsvTable table, CsvTable::Open(csv));
  for (const char* column :
       {"checkpoint", "snapshot", "threshold", "source", "label", "generator",
        "family", "exposure", "n", "n_works", "predicted_human",
        "predicted_generated", "rate_generated", "wilson_low", "wilson_high",
        "stand_in"}) {
    EXPECT_TRUE(table.HasColumn(column)) << column;
  }
  std::vector<std::string> sources;
  while (table.Next().value()) sources.push_back(table.Cell("source"));
  EXPECT_THAT(sources, ElementsAre("artbench", "wga", "lofi", "dalle"));
}

TEST(TableCsvTest, WithheldRatesAreEmptyCells) {
  const std::string csv = TableCsv(SampleReport(120));
  EXPECT_THAT(csv, HasSubstr("step-0000000120,0123456789abcdef,0.625,dalle,"
                             "generated,dall-e-2,dall-e,unseen,4,4,1,3,,,,,,0,"
                             "\n"));
  EXPECT_THAT(csv, HasSubstr(",wga,human,,,same_source,10,10,9,1,0.100000,"
                             "0.017876,0.404150,"));
}

TEST(ReportJsonTest, ReadsBackAsItWas) {
  const EvaluationReport report = SampleReport(120);
  const std::string json = ReportToJson(report);
  ASSERT_OK_AND_ASSIGN(const EvaluationReport read,
                       ReportFromJson(json, "report.json"));
  EXPECT_EQ(ReportToJson(read), json);
  EXPECT_EQ(TableMarkdown(read), TableMarkdown(report));
  EXPECT_EQ(TableCsv(read), TableCsv(report));
}

TEST(ReportJsonTest, TextThatIsNotUtf8IsReplacedNotThrown) {
  EvaluationReport report = SampleReport(120);
  report.subject.run = "caf\xe9";
  EXPECT_OK(ReportFromJson(ReportToJson(report), "report.json"));
}

TEST(ReportJsonTest, DamagedReportsAreNamedNotThrown) {
  const std::string json = ReportToJson(SampleReport(120));
  for (size_t size = 0; size + 1 < json.size(); size += 97) {
    EXPECT_THAT(
        ReportFromJson(json.substr(0, size), "x/report.json"),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr("x/report.json")));
  }
  for (const char* other : {"{}", "[]", "null", "{\"version\":\"1\"}",
                            "{\"version\":1,\"subject\":7}"}) {
    EXPECT_THAT(ReportFromJson(other, "x"),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ReportJsonTest, ALaterVersionSaysSo) {
  EXPECT_THAT(ReportFromJson("{\"version\": 2}", "x"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("newer")));
}

}  // namespace
}  // namespace verso
