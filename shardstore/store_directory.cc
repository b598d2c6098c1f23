#include "shardstore/store_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/shard_format.h"

namespace verso {

namespace fs = std::filesystem;

fs::path LedgerPath(const fs::path& store) { return store / "ledger"; }
fs::path IndexDir(const fs::path& store) { return store / "index"; }
fs::path ShardsDir(const fs::path& store) { return store / "shards"; }
fs::path ShardPath(const fs::path& store, int number) {
  return ShardsDir(store) / ShardName(number);
}

absl::StatusOr<std::vector<int>> ListShardFiles(const fs::path& store) {
  std::vector<int> numbers;
  std::error_code error;
  fs::directory_iterator files(ShardsDir(store), error);
  if (error == std::errc::no_such_file_or_directory) return numbers;
  for (; !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::optional<int> number =
        ShardNumber(files->path().filename().string());
    if (number.has_value()) numbers.push_back(*number);
  }
  if (error) return ErrnoStatus("list", ShardsDir(store), error.value());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::Status CheckMayBeStore(const fs::path& dir) {
  std::error_code error;
  bool is_empty = true;
  for (fs::directory_iterator files(dir, error);
       !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if (name == "ledger" || name == "shards" || name == "index") {
      return absl::OkStatus();
    }
    // What a mount point or an earlier try may leave.
    is_empty = is_empty && (name == "lock" || name == "lost+found");
  }
  if (is_empty) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(dir.string(),
                   " holds other files and is no store; give another --store"));
}

absl::StatusOr<StoreLock> StoreLock::Take(const fs::path& store) {
  const fs::path path = store / "lock";
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDWR | O_CREAT));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus("lock", path, errno);
    const absl::StatusOr<std::string> holder = ReadFile(path, 64);
    return absl::FailedPreconditionError(
        absl::StrCat("store ", store.string(), " is being written by process ",
                     holder.ok() && !holder->empty() ? *holder : "unknown",
                     " (lock ", path.string(),
                     "); stop it first. If it serves, ingest, query, stats and "
                     "snapshot take "
                     "its address instead: --store=HOST:PORT"));
  }
  // The number is for the message alone, so a full disk does not matter.
  if (ftruncate(fd.get(), 0) == 0) {
    (void)WriteAt(fd, absl::StrCat(getpid()), 0, path);
  }
  return StoreLock(std::move(fd));
}

}  // namespace verso
