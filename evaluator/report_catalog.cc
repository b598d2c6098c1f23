#include "evaluator/report_catalog.h"

#include <optional>
#include <system_error>
#include <utility>

#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "evaluator/report_writer.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::shared_ptr<const CatalogEntry>> ReadEntry(
    const fs::path& dir) {
  auto entry = std::make_shared<CatalogEntry>();
  ASSIGN_OR_RETURN(entry->report, ReadReport(dir));
  ASSIGN_OR_RETURN(entry->table_csv, ReadFile(dir / std::string(kTableCsv)));
  ASSIGN_OR_RETURN(entry->table_markdown,
                   ReadFile(dir / std::string(kTableMarkdown)));
  ASSIGN_OR_RETURN(entry->report_json,
                   ReadFile(dir / std::string(kReportJson)));
  return entry;
}

// When the reports' report.json were written, by checkpoint.
std::map<std::string, fs::file_time_type> ListReports(const fs::path& dir) {
  std::map<std::string, fs::file_time_type> reports;
  std::error_code error;
  for (fs::directory_iterator it(dir, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name[0] == '.') continue;
    std::error_code missing;
    const fs::file_time_type time =
        fs::last_write_time(it->path() / std::string(kReportJson), missing);
    if (!missing) reports.emplace(name, time);
  }
  return reports;
}

// Fills in `newest` and `best`. Equals: the earlier step, so that the best one
// does not change for nothing.
void Rank(ReportList& list) {
  const ReportSubject* newest = nullptr;
  const ReportSubject* best = nullptr;
  for (const auto& [name, entry] : list.reports) {
    const ReportSubject& subject = entry->report.subject;
    if (newest == nullptr || newest->step < subject.step) {
      newest = &subject;
      list.newest = name;
    }
    if (!subject.validation_loss.has_value()) continue;
    if (best == nullptr || *subject.validation_loss < *best->validation_loss) {
      best = &subject;
      list.best = name;
    }
  }
}

}  // namespace

const CatalogEntry* ReportList::Find(absl::string_view name) const {
  std::string key(name);
  if (name == "newest") key = newest;
  if (name == "best") key = best;
  const auto entry = reports.find(key);
  return entry == reports.end() ? nullptr : entry->second.get();
}

ReportCatalog::ReportCatalog(fs::path reports_dir)
    : reports_dir_(std::move(reports_dir)),
      list_(std::make_shared<ReportList>()) {}

absl::Status ReportCatalog::Refresh() {
  absl::MutexLock refresh_lock(&refresh_mu_);
  absl::Status first_failure;
  std::map<std::string, Stamped> found;
  auto list = std::make_shared<ReportList>();
  for (const auto& [name, time] : ListReports(reports_dir_)) {
    Stamped& stamped = found[name];
    if (const auto old = read_.find(name);
        old != read_.end() && old->second.time == time) {
      stamped = old->second;
    } else {
      auto entry = ReadEntry(reports_dir_ / name);
      if (!entry.ok()) first_failure.Update(entry.status());
      stamped = {time, entry.ok() ? *entry : nullptr};
    }
    if (stamped.entry != nullptr) list->reports.emplace(name, stamped.entry);
  }
  read_ = std::move(found);
  Rank(*list);
  absl::MutexLock lock(&mu_);
  list_ = std::move(list);
  return first_failure;
}

std::shared_ptr<const ReportList> ReportCatalog::Get() const {
  absl::MutexLock lock(&mu_);
  return list_;
}

}  // namespace verso
