#include "trainer/newest_checkpoint.h"

#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/paths.h"

namespace verso {

namespace fs = std::filesystem;

absl::StatusOr<fs::path> CheckpointOfFlag(absl::string_view flag) {
  if (!flag.empty()) return ResolveUserPath(flag);
  const fs::path runs = DefaultRunsDir();
  fs::path newest;
  fs::file_time_type newest_time;
  std::error_code error;
  for (fs::directory_iterator it(runs, error);
       !error && it != fs::directory_iterator(); it.increment(error)) {
    const fs::path best = it->path() / "best";
    std::error_code absent;
    const auto time = fs::last_write_time(best, absent);
    if (absent || (!newest.empty() && time <= newest_time)) continue;
    newest = best;
    newest_time = time;
  }
  if (!newest.empty()) return newest;
  return absl::NotFoundError(
      absl::StrCat("no run in ", runs.string(),
                   " has a best checkpoint: train one with `bazel run "
                   "//trainer`, or give --checkpoint"));
}

}  // namespace verso
