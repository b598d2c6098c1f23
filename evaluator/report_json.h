#ifndef VERSO_EVALUATOR_REPORT_JSON_H_
#define VERSO_EVALUATOR_REPORT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "evaluator/report.h"

namespace verso {

// report.json: subject and figures by the names of their fields; withheld
// rates and unknown values are null. Not the scores: those are scores.csv.
std::string ReportToJson(const EvaluationReport& report);

// kDataLoss: not such a JSON, or of a later version; `name` is in the message.
absl::StatusOr<EvaluationReport> ReportFromJson(absl::string_view json,
                                                absl::string_view name);

}  // namespace verso

#endif  // VERSO_EVALUATOR_REPORT_JSON_H_
