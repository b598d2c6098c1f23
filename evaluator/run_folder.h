#ifndef VERSO_EVALUATOR_RUN_FOLDER_H_
#define VERSO_EVALUATOR_RUN_FOLDER_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/file.h"

namespace verso {

// The folder of a run as the user named it: a folder, the name of a run in
// $VERSO_HOME/runs, or "" for the newest one there.
// kNotFound says what to run.
absl::StatusOr<std::filesystem::path> FindRun(absl::string_view run);

// `run_dir`/reports.
std::filesystem::path ReportsDir(const std::filesystem::path& run_dir);

// Held while one process writes a run's reports. The kernel frees it when the
// process ends, however it ends. Thread-compatible.
class RunLock {
 public:
  // kFailedPrecondition: another process evaluates this run.
  static absl::StatusOr<RunLock> Acquire(const std::filesystem::path& run_dir);

 private:
  explicit RunLock(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_RUN_FOLDER_H_
