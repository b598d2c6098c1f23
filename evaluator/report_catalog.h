#ifndef VERSO_EVALUATOR_REPORT_CATALOG_H_
#define VERSO_EVALUATOR_REPORT_CATALOG_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "evaluator/report.h"

namespace verso {

// One report as a page needs it.
struct CatalogEntry {
  EvaluationReport report;  // Without scores.
  std::string table_csv;    // The files' bytes, to download.
  std::string table_markdown;
  std::string report_json;
};

// All reports of a run at one moment. Immutable.
struct ReportList {
  // By checkpoint: the only names that a client may ask for.
  std::map<std::string, std::shared_ptr<const CatalogEntry>> reports;
  std::string newest;  // Highest step; empty when there are none.
  std::string best;    // Lowest validation loss; empty when none is known.

  // "newest", "best" or a checkpoint; nullptr when there is no such report.
  const CatalogEntry* Find(absl::string_view name) const;
};

// The reports of a run, read from its folder. Thread-safe.
class ReportCatalog {
 public:
  explicit ReportCatalog(std::filesystem::path reports_dir);

  // Reads the reports that came or changed since the last call and forgets
  // those that are gone. A damaged report is left out and named in the status;
  // the others are there all the same.
  absl::Status Refresh() ABSL_LOCKS_EXCLUDED(mu_);

  // As of the last Refresh(); empty before.
  std::shared_ptr<const ReportList> Get() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Stamped {
    std::filesystem::file_time_type time;
    std::shared_ptr<const CatalogEntry> entry;  // nullptr: damaged.
  };

  const std::filesystem::path reports_dir_;
  absl::Mutex refresh_mu_;  // One Refresh() at a time.
  std::map<std::string, Stamped> read_ ABSL_GUARDED_BY(refresh_mu_);
  mutable absl::Mutex mu_;
  std::shared_ptr<const ReportList> list_ ABSL_GUARDED_BY(mu_);
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_REPORT_CATALOG_H_
