#include "shardstore/shard_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"

namespace verso {

namespace fs = std::filesystem;

ShardWriter::ShardWriter(const fs::path& path, FileDescriptor fd,
                         int64_t size_bytes, uint64_t records)
    : path_(path),
      name_(path.filename().string()),
      fd_(std::move(fd)),
      size_bytes_(size_bytes),
      records_(records) {}

absl::StatusOr<std::unique_ptr<ShardWriter>> ShardWriter::Create(
    const fs::path& path) {
  ASSIGN_OR_RETURN(FileDescriptor fd,
                   OpenFile(path, O_RDWR | O_CREAT | O_EXCL));
  RETURN_IF_ERROR(SyncDir(path.parent_path()));
  return absl::WrapUnique(new ShardWriter(path, std::move(fd), 0, 0));
}

absl::StatusOr<std::unique_ptr<ShardWriter>> ShardWriter::OpenAt(
    const fs::path& path, int64_t size_bytes, uint64_t records) {
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDWR));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("read", path, errno);
  if (info.st_size < size_bytes) {
    return absl::DataLossError(absl::StrCat(
        path.string(), " has ", info.st_size, " bytes, but ", size_bytes,
        " were committed: bring the file back from a copy"));
  }
  auto writer = absl::WrapUnique(
      new ShardWriter(path, std::move(fd), size_bytes, records));
  RETURN_IF_ERROR(writer->CutTo(size_bytes, records));
  return writer;
}

absl::StatusOr<SampleExtent> ShardWriter::Append(const SampleContent& content) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   EncodeSample(name_, records_, content));
  RETURN_IF_ERROR(WriteAt(fd_, bytes, size_bytes_, path_));
  const SampleExtent extent = {records_, size_bytes_,
                               static_cast<int64_t>(bytes.size())};
  size_bytes_ += extent.size_bytes;
  ++records_;
  return extent;
}

absl::Status ShardWriter::Sync() {
  const absl::Status status = SyncFile(fd_, path_);
  sync_failed_ = sync_failed_ || !status.ok();
  return status;
}

absl::Status ShardWriter::CutTo(int64_t size_bytes, uint64_t records) {
  if (ftruncate(fd_.get(), size_bytes) != 0) {
    return ErrnoStatus("cut", path_, errno);
  }
  size_bytes_ = size_bytes;
  records_ = records;
  return absl::OkStatus();
}

absl::StatusOr<ShardSealed> ShardWriter::Seal() {
  RETURN_IF_ERROR(
      WriteAt(fd_, std::string(kSealBytes, '\0'), size_bytes_, path_));
  RETURN_IF_ERROR(Sync());
  ShardSealed sealed;
  sealed.set_shard(name_);
  sealed.set_size_bytes(size_bytes_ + kSealBytes);
  sealed.set_records(static_cast<int64_t>(records_));
  ASSIGN_OR_RETURN(*sealed.mutable_sha256(), Sha256OfFile(path_));
  return sealed;
}

absl::StatusOr<std::string> Sha256OfFile(const fs::path& path) {
  constexpr int64_t kPartBytes = int64_t{1} << 20;
  ASSIGN_OR_RETURN(const FileDescriptor fd, OpenFile(path, O_RDONLY));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("read", path, errno);
  Sha256 hash;
  for (int64_t offset = 0; offset < info.st_size; offset += kPartBytes) {
    const int64_t part = std::min<int64_t>(kPartBytes, info.st_size - offset);
    ASSIGN_OR_RETURN(const std::string bytes, ReadAt(fd, offset, part, path));
    hash.Update(bytes);
  }
  return hash.FinishHex();
}

}  // namespace verso
