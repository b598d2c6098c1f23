#ifndef VERSO_EVALUATOR_TABLE_LAYOUT_H_
#define VERSO_EVALUATOR_TABLE_LAYOUT_H_

#include <optional>
#include <string>
#include <vector>

#include "evaluator/figures.h"
#include "evaluator/report.h"

namespace verso {

// A cell as text, not yet escaped for any format.
struct TableCell {
  std::string text;
  // Set for a share of a human or generated source's pictures: pages shade it.
  std::optional<double> rate;
  bool wrong = false;  // With `rate`: the share that is predicted wrongly.
};

struct TableRow {
  std::string name;
  std::vector<TableCell> cells;  // One per column.
};

// The paper's figure 5: rows = predicted class, columns = source with its true
// class in the head; below them the counts, intervals and exposure.
struct TableLayout {
  std::string corner;
  std::vector<std::string> columns;  // "artbench (human)".
  std::vector<TableRow> rows;
};

// "n/a" where a rate is withheld.
TableLayout LayOutTable(const ThresholdFigures& figures);

// The words around the table, the same in table.md and on the page.
// "Extended confusion matrix: step-0000000120 of run quickstart (simulated
// pictures)".
std::string TitleOf(const EvaluationReport& report);
// Model, snapshot, threshold and validation figures, one sentence each.
std::vector<std::string> SubjectLines(const EvaluationReport& report);
// Which sources only stand in for a site; empty when none does.
std::string StandInSentence(const EvaluationReport& report);
// "At the frozen threshold 0.631 (frozen on validation, alpha 0.05)".
std::string FrozenHeading(const EvaluationReport& report);
// 2x2, balanced accuracy and worst sources at one threshold.
std::vector<std::string> OverallLines(const ThresholdFigures& figures);
// How to read the table.
std::vector<std::string> Legend(const EvaluationReport& report);

// "0.986"; "n/a" for nullopt.
std::string RateText(std::optional<double> rate);

// "0.625", "1.2e-05": six digits, for thresholds lie anywhere above 0.
std::string ThresholdText(double threshold);

}  // namespace verso

#endif  // VERSO_EVALUATOR_TABLE_LAYOUT_H_
