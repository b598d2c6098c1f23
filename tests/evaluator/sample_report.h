#ifndef VERSO_TESTS_EVALUATOR_SAMPLE_REPORT_H_
#define VERSO_TESTS_EVALUATOR_SAMPLE_REPORT_H_

#include <string>

#include "evaluator/report.h"

namespace verso::testing {

// Adds `n` pictures of a source, each a work of its own, of which `generated`
// score a logit of 2 and the others -2.
void AddScores(const std::string& source, Label label, int n, int generated,
               EvaluationReport& report);

// A whole report of checkpoint step-<step>: artbench, wga (simulated), lofi,
// dalle (four works: withheld).
EvaluationReport SampleReport(int64_t step, double validation_loss = 0.25);

}  // namespace verso::testing

#endif  // VERSO_TESTS_EVALUATOR_SAMPLE_REPORT_H_
