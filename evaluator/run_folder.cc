#include "evaluator/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

bool IsRun(const fs::path& dir) {
  std::error_code error;
  return fs::is_directory(dir / "checkpoints", error) ||
         fs::is_regular_file(dir / "config.textproto", error);
}

// When the run last got a checkpoint, or was made.
fs::file_time_type LastChange(const fs::path& run) {
  std::error_code error;
  const fs::file_time_type time =
      fs::last_write_time(run / "checkpoints", error);
  return error ? fs::last_write_time(run, error) : time;
}

absl::StatusOr<fs::path> NewestRun(const fs::path& runs) {
  std::error_code error;
  std::optional<fs::path> newest;
  for (fs::directory_iterator it(runs, error), end; !error && it != end;
       it.increment(error)) {
    if (!IsRun(it->path())) continue;
    if (!newest || LastChange(*newest) < LastChange(it->path())) {
      newest = it->path();
    }
  }
  if (newest.has_value()) return *newest;
  return absl::NotFoundError(
      absl::StrCat("there is no run in ", runs.string(),
                   "; train a detector with `bazel run //trainer` first"));
}

}  // namespace

absl::StatusOr<fs::path> FindRun(absl::string_view run) {
  if (run.empty()) return NewestRun(DefaultRunsDir());
  const fs::path typed = ResolveUserPath(run);
  if (IsRun(typed)) return typed;
  const std::string name(run);
  if (name.find('/') == std::string::npos && IsRun(DefaultRunsDir() / name)) {
    return DefaultRunsDir() / name;
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no run ", run, " (neither the folder ", typed.string(),
      " nor a run in ", DefaultRunsDir().string(),
      "); give --run the name or folder that the trainer was given"));
}

fs::path ReportsDir(const fs::path& run_dir) { return run_dir / "reports"; }

absl::StatusOr<RunLock> RunLock::Acquire(const fs::path& run_dir) {
  RETURN_IF_ERROR(MakeDirs(ReportsDir(run_dir)));
  const fs::path path = ReportsDir(run_dir) / ".lock";
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDWR | O_CREAT));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return RunLock(std::move(fd));
  if (errno != EWOULDBLOCK) return ErrnoStatus("lock", path, errno);
  return absl::FailedPreconditionError(
      absl::StrCat("another process evaluates run ", run_dir.string(),
                   "; stop it, or look at its page"));
}

}  // namespace verso
