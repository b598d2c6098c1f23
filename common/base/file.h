#ifndef VERSO_COMMON_BASE_FILE_H_
#define VERSO_COMMON_BASE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// The status of a failed system call: "cannot <action> <path>: <reason>".
// kNotFound for ENOENT, kResourceExhausted for a full disk or quota,
// kPermissionDenied, kAlreadyExists, else kInternal.
absl::Status ErrnoStatus(absl::string_view action,
                         const std::filesystem::path& path, int error_number);

// An open file descriptor, closed on destruction. Thread-compatible.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC. Errors as ErrnoStatus().
absl::StatusOr<FileDescriptor> OpenFile(const std::filesystem::path& path,
                                        int flags, int mode = 0644);

// Writes all of `bytes` at `offset`; short writes go on.
absl::Status WriteAt(const FileDescriptor& fd, absl::string_view bytes,
                     int64_t offset, const std::filesystem::path& path);

// Reads exactly `size` bytes at `offset`. kDataLoss: the file ends before.
absl::StatusOr<std::string> ReadAt(const FileDescriptor& fd, int64_t offset,
                                   int64_t size,
                                   const std::filesystem::path& path);

// fdatasync(2). Never retry a failure: the pages are gone.
absl::Status SyncFile(const FileDescriptor& fd,
                      const std::filesystem::path& path);

// Makes the entries of a folder (creations, renames) durable.
absl::Status SyncDir(const std::filesystem::path& dir);

absl::Status MakeDirs(const std::filesystem::path& dir);

// Bytes that an unprivileged process can still write to the disk of `path`.
absl::StatusOr<int64_t> FreeDiskBytes(const std::filesystem::path& path);

// The whole file. kNotFound when there is none; kResourceExhausted when it is
// larger than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path,
                                     int64_t max_bytes = int64_t{1} << 30);

// Absent or whole, also after a power cut: a temporary file beside `path`,
// fsync, rename, fsync of the folder.
absl::Status WriteFileAtomically(const std::filesystem::path& path,
                                 absl::string_view bytes);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_FILE_H_
