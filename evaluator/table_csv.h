#ifndef VERSO_EVALUATOR_TABLE_CSV_H_
#define VERSO_EVALUATOR_TABLE_CSV_H_

#include <string>

#include "evaluator/report.h"

namespace verso {

// table.csv: one row per source at the frozen threshold, with a header line.
// Withheld rates are empty cells. RFC 4180.
std::string TableCsv(const EvaluationReport& report);

}  // namespace verso

#endif  // VERSO_EVALUATOR_TABLE_CSV_H_
