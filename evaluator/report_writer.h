#ifndef VERSO_EVALUATOR_REPORT_WRITER_H_
#define VERSO_EVALUATOR_REPORT_WRITER_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "evaluator/report.h"

namespace verso {

inline constexpr absl::string_view kScoresCsv = "scores.csv";
inline constexpr absl::string_view kReportJson = "report.json";
inline constexpr absl::string_view kTableCsv = "table.csv";
inline constexpr absl::string_view kTableMarkdown = "table.md";

// Writes `reports_dir`/<checkpoint>/ with those four files: absent or complete,
// whenever the process is killed (a temporary folder, fsync, rename). A report
// that is there is replaced in one step. The same report gives the same bytes.
// kInvalidArgument: the checkpoint's name cannot be a folder's.
// kResourceExhausted: the disk is full; nothing is left behind.
absl::Status WriteReport(const std::filesystem::path& reports_dir,
                         const EvaluationReport& report);

// Reads report.json of a report's folder. kNotFound; kDataLoss.
absl::StatusOr<EvaluationReport> ReadReport(
    const std::filesystem::path& report_dir);

// Removes what writers that were killed left behind. REQUIRES: nobody writes
// there now (RunLock).
void RemoveUnfinishedReports(const std::filesystem::path& reports_dir);

}  // namespace verso

#endif  // VERSO_EVALUATOR_REPORT_WRITER_H_
