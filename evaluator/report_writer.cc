#include "evaluator/report_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "evaluator/report_json.h"
#include "evaluator/scores_csv.h"
#include "evaluator/table_csv.h"
#include "evaluator/table_markdown.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kTemporaryPrefix = ".tmp-";

absl::Status CheckName(const std::string& name) {
  const bool good =
      !name.empty() && name.size() <= 200 && name[0] != '.' &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
      });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" cannot name a report; use letters, digits, '-', '_'"));
}

absl::Status WriteSynced(const fs::path& path, absl::string_view bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor fd,
                   OpenFile(path, O_WRONLY | O_CREAT | O_EXCL));
  RETURN_IF_ERROR(WriteAt(fd, bytes, 0, path));
  return SyncFile(fd, path);
}

absl::Status WriteFiles(const fs::path& dir, const EvaluationReport& report) {
  RETURN_IF_ERROR(MakeDirs(dir));
  const auto write = [&](absl::string_view name, const std::string& bytes) {
    return WriteSynced(dir / std::string(name), bytes);
  };
  RETURN_IF_ERROR(write(kScoresCsv, ScoresToCsv(report.scores)));
  RETURN_IF_ERROR(write(kReportJson, ReportToJson(report)));
  RETURN_IF_ERROR(write(kTableCsv, TableCsv(report)));
  RETURN_IF_ERROR(write(kTableMarkdown, TableMarkdown(report)));
  return SyncDir(dir);
}

// Afterwards `from` is what was at `to`, or nothing.
absl::Status Commit(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  if (errno != ENOTEMPTY && errno != EEXIST) {
    return ErrnoStatus("rename to", to, errno);
  }
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                RENAME_EXCHANGE) != 0) {
    return ErrnoStatus("replace", to, errno);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteReport(const fs::path& reports_dir,
                         const EvaluationReport& report) {
  const std::string& name = report.subject.checkpoint;
  RETURN_IF_ERROR(CheckName(name));
  RETURN_IF_ERROR(MakeDirs(reports_dir));
  const fs::path temporary =
      reports_dir / absl::StrCat(kTemporaryPrefix, name, "-", getpid());
  std::error_code ignored;
  fs::remove_all(temporary, ignored);  // Of a killed process of this number.
  absl::Status status = WriteFiles(temporary, report);
  if (status.ok()) status = Commit(temporary, reports_dir / name);
  fs::remove_all(temporary, ignored);
  RETURN_IF_ERROR(status);
  return SyncDir(reports_dir);
}

absl::StatusOr<EvaluationReport> ReadReport(const fs::path& report_dir) {
  const fs::path path = report_dir / std::string(kReportJson);
  ASSIGN_OR_RETURN(const std::string json,
                   ReadFile(path, /*max_bytes=*/int64_t{64} << 20));
  return ReportFromJson(json, path.string());
}

void RemoveUnfinishedReports(const fs::path& reports_dir) {
  std::error_code error;
  std::vector<fs::path> unfinished;
  for (fs::directory_iterator it(reports_dir, error), end; !error && it != end;
       it.increment(error)) {
    if (absl::StartsWith(it->path().filename().string(), kTemporaryPrefix)) {
      unfinished.push_back(it->path());
    }
  }
  for (const fs::path& path : unfinished) fs::remove_all(path, error);
}

}  // namespace verso
