#include "common/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {

namespace fs = std::filesystem;

absl::Status ErrnoStatus(absl::string_view action, const fs::path& path,
                         int error_number) {
  const std::string message = absl::StrCat(
      "cannot ", action, " ", path.string(), ": ", std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(
          absl::StrCat(message, "; free some space and run again"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    default:
      return absl::InternalError(message);
  }
}

void FileDescriptor::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

absl::StatusOr<FileDescriptor> OpenFile(const fs::path& path, int flags,
                                        int mode) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  return FileDescriptor(fd);
}

absl::Status WriteAt(const FileDescriptor& fd, absl::string_view bytes,
                     int64_t offset, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd.get(), bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus("write", path, errno);
    bytes.remove_prefix(n);
    offset += n;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAt(const FileDescriptor& fd, int64_t offset,
                                   int64_t size, const fs::path& path) {
  std::string bytes(size, '\0');
  int64_t done = 0;
  while (done < size) {
    const ssize_t n =
        pread(fd.get(), bytes.data() + done, size - done, offset + done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus("read", path, errno);
    if (n == 0) {
      return absl::DataLossError(absl::StrCat(path.string(), " ends at byte ",
                                              offset + done, ", expected ",
                                              offset + size));
    }
    done += n;
  }
  return bytes;
}

absl::Status SyncFile(const FileDescriptor& fd, const fs::path& path) {
  if (fdatasync(fd.get()) != 0) return ErrnoStatus("sync", path, errno);
  return absl::OkStatus();
}

absl::Status SyncDir(const fs::path& dir) {
  ASSIGN_OR_RETURN(const FileDescriptor fd,
                   OpenFile(dir, O_RDONLY | O_DIRECTORY));
  if (fsync(fd.get()) != 0) return ErrnoStatus("sync", dir, errno);
  return absl::OkStatus();
}

absl::Status MakeDirs(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return ErrnoStatus("create folder", dir, error.value());
  return absl::OkStatus();
}

absl::StatusOr<int64_t> FreeDiskBytes(const fs::path& path) {
  struct statvfs info;
  if (statvfs(path.c_str(), &info) != 0) {
    return ErrnoStatus("look at the disk of", path, errno);
  }
  return static_cast<int64_t>(info.f_bavail) *
         static_cast<int64_t>(info.f_frsize);
}

absl::StatusOr<std::string> ReadFile(const fs::path& path, int64_t max_bytes) {
  ASSIGN_OR_RETURN(const FileDescriptor fd, OpenFile(path, O_RDONLY));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("read", path, errno);
  if (!S_ISREG(info.st_mode)) return ErrnoStatus("read", path, EISDIR);
  if (info.st_size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path.string(), " has ", info.st_size,
                     " bytes, more than the limit of ", max_bytes));
  }
  return ReadAt(fd, 0, info.st_size, path);
}

absl::Status WriteFileAtomically(const fs::path& path,
                                 absl::string_view bytes) {
  const fs::path temporary = path.string() + ".tmp";
  {
    ASSIGN_OR_RETURN(const FileDescriptor fd,
                     OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC));
    absl::Status status = WriteAt(fd, bytes, 0, temporary);
    if (status.ok()) status = SyncFile(fd, temporary);
    if (!status.ok()) {
      unlink(temporary.c_str());
      return status;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return ErrnoStatus("rename to", path, error);
  }
  return SyncDir(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

}  // namespace verso
