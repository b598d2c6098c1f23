// Figures against scikit-learn's. Skipped where it is not installed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "evaluator/figures.h"
#include "evaluator/scores_csv.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::RunProcess;

constexpr char kScript[] = R"(
import csv, json, math, sys
from sklearn import metrics
rows = list(csv.DictReader(open(sys.argv[1])))
actual = [int(r["label"] == "generated") for r in rows]
score = [1 / (1 + math.exp(-float(r["logit"]))) for r in rows]
predicted = [int(s >= float(sys.argv[2])) for s in score]
print(json.dumps({
    "matrix": metrics.confusion_matrix(actual, predicted).tolist(),
    "balanced": metrics.balanced_accuracy_score(actual, predicted),
    "auroc": metrics.roc_auc_score(actual, score)}))
)";

std::string Python() {
  if (const char* python = std::getenv("VERSO_PYTHON")) return python;
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "" : home,
                      "/.cache/verso/python/bin/python3");
}

std::vector<ScoreRow> RandomScores() {
  std::mt19937 random(17);
  std::normal_distribution<float> noise(0, 2);
  std::vector<ScoreRow> scores;
  for (int i = 0; i < 800; ++i) {
    const bool generated = random() % 3 == 0;
    ScoreRow row;
    row.sample_id = row.work = absl::StrCat(i);
    row.source = generated ? "lofi" : "wga";
    row.label = generated ? LABEL_GENERATED : LABEL_HUMAN;
    // Rounded, so that there are ties.
    row.logit = std::round(noise(random) * 4) / 4 + (generated ? 1.5f : 0);
    scores.push_back(row);
  }
  return scores;
}

TEST(SklearnParityTest, MatrixBalancedAccuracyAndAurocAreEqual) {
  const auto probe = RunProcess({Python(), "-c", "import sklearn"});
  if (!probe.ok() || probe->exit_code != 0) {
    GTEST_SKIP() << "SKIPPED: no scikit-learn in " << Python()
                 << "; set VERSO_PYTHON to a Python that has it";
  }
  const std::vector<ScoreRow> scores = RandomScores();
  const auto file = testing::MakeTestDir("sklearn") / "scores.csv";
  ASSERT_OK(WriteFileAtomically(file, ScoresToCsv(scores)));
  ASSERT_OK_AND_ASSIGN(const auto result, RunProcess({Python(), "-c", kScript,
                                                      file.string(), "0.7"}));
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto theirs = nlohmann::json::parse(result.output);
  const Figures ours = ComputeFigures(scores, 0.7, {});
  const BinaryCounts& c = ours.frozen.binary;
  EXPECT_EQ(theirs["matrix"],
            (std::vector<std::vector<int64_t>>{{c.tn, c.fp}, {c.fn, c.tp}}));
  EXPECT_NEAR(theirs["balanced"], *ours.frozen.balanced_accuracy, 1e-12);
  EXPECT_NEAR(theirs["auroc"], *ours.auroc, 1e-12);
}

}  // namespace
}  // namespace verso
