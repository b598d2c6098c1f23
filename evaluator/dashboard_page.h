#ifndef VERSO_EVALUATOR_DASHBOARD_PAGE_H_
#define VERSO_EVALUATOR_DASHBOARD_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "evaluator/report_catalog.h"

namespace verso {

// The page of one report: its table as the paper's figure 5 at the frozen
// threshold and at 0.5, and a list of the run's other checkpoints. Whole HTML,
// without script and inline style.
std::string ReportPage(const ReportList& list, const CatalogEntry& entry);

// The page of a run that has no report yet.
std::string EmptyPage();

// A page that says one sentence.
std::string MessagePage(absl::string_view title, absl::string_view sentence);

}  // namespace verso

#endif  // VERSO_EVALUATOR_DASHBOARD_PAGE_H_
