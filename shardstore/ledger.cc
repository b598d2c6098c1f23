#include "shardstore/ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/crc32c.h"
#include "common/base/status_macros.h"
#include "shardstore/shard_format.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kFrameBytes = 8;  // Length and CRC.
constexpr int64_t kMaxEntryBytes = int64_t{1} << 20;
constexpr int64_t kWindowBytes = int64_t{4} << 20;

void PutFixed32(uint32_t value, std::string& bytes) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

uint32_t GetFixed32(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

void AppendFrame(const LedgerEntry& entry, std::string& bytes) {
  const std::string body = entry.SerializeAsString();
  std::string length;
  PutFixed32(static_cast<uint32_t>(body.size()), length);
  bytes += length;
  PutFixed32(Crc32c(body, Crc32c(length)), bytes);
  bytes += body;
}

// A file seen through a window that only moves forward.
class LedgerFile {
 public:
  LedgerFile(const FileDescriptor& fd, const fs::path& path, int64_t size)
      : fd_(fd), path_(path), size_(size) {}

  int64_t size() const { return size_; }

  // Bytes [offset, offset + size), size <= kMaxEntryBytes; empty past the end.
  absl::StatusOr<absl::string_view> Get(int64_t offset, int64_t size) {
    if (offset + size > size_) return absl::string_view();
    if (offset < begin_ || offset + size > begin_ + Held()) {
      const int64_t part = std::min(kWindowBytes, size_ - offset);
      ASSIGN_OR_RETURN(window_, ReadAt(fd_, offset, part, path_));
      begin_ = offset;
    }
    return absl::string_view(window_).substr(offset - begin_, size);
  }

 private:
  int64_t Held() const { return static_cast<int64_t>(window_.size()); }

  const FileDescriptor& fd_;
  const fs::path& path_;
  const int64_t size_;
  int64_t begin_ = 0;
  std::string window_;
};

// The whole entry at `offset` and its length on disk; nullopt: there is none.
absl::StatusOr<std::optional<int64_t>> ReadEntry(LedgerFile& file,
                                                 int64_t offset,
                                                 LedgerEntry& entry) {
  ASSIGN_OR_RETURN(const absl::string_view frame,
                   file.Get(offset, kFrameBytes));
  if (frame.empty()) return std::nullopt;
  const int64_t length = GetFixed32(frame);
  const uint32_t expected = GetFixed32(frame.substr(4));
  const uint32_t crc_of_length = Crc32c(frame.substr(0, 4));
  if (length == 0 || length > kMaxEntryBytes) return std::nullopt;
  ASSIGN_OR_RETURN(const absl::string_view body,
                   file.Get(offset + kFrameBytes, length));
  if (body.empty() || Crc32c(body, crc_of_length) != expected ||
      !entry.ParseFromArray(body.data(), static_cast<int>(length))) {
    return std::nullopt;
  }
  return kFrameBytes + length;
}

// Gives `visit` every whole entry from `from` on with where it begins and ends;
// returns the file's size.
absl::StatusOr<int64_t> ReadEntries(
    const fs::path& path, int64_t from,
    const std::function<absl::Status(const LedgerEntry&, int64_t begin,
                                     int64_t end)>& visit) {
  ASSIGN_OR_RETURN(const FileDescriptor fd, OpenFile(path, O_RDONLY));
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus("read", path, errno);
  if (from > info.st_size) {
    return absl::DataLossError(absl::StrCat(
        path.string(), " has only ", info.st_size, " bytes, not ", from));
  }
  LedgerFile file(fd, path, info.st_size);
  LedgerEntry entry;
  for (int64_t offset = from; offset < file.size();) {
    ASSIGN_OR_RETURN(const std::optional<int64_t> length,
                     ReadEntry(file, offset, entry));
    if (!length.has_value()) {
      ++offset;
      continue;
    }
    RETURN_IF_ERROR(visit(entry, offset, offset + *length));
    offset += *length;
  }
  return file.size();
}

}  // namespace

int64_t LedgerSummary::records() const {
  int64_t sum = 0;
  for (const auto& [number, shard] : shards) sum += shard.records;
  return sum;
}

void LedgerSummary::Add(const LedgerEntry& entry) {
  ++entries;
  if (entry.has_sighting()) ++sightings;
  if (entry.has_judgement()) ++judgements;
  if (entry.has_watermark()) {
    const std::optional<int> number = ShardNumber(entry.watermark().shard());
    if (!number.has_value()) return;
    shards[*number].end_offset = entry.watermark().end_offset();
    shards[*number].records = entry.watermark().shard_records();
  }
  if (entry.has_shard_sealed()) {
    const std::optional<int> number = ShardNumber(entry.shard_sealed().shard());
    if (!number.has_value()) return;
    shards[*number].sealed = true;
    shards[*number].sha256 = entry.shard_sealed().sha256();
  }
}

absl::StatusOr<LedgerSummary> ReadLedger(
    const fs::path& path,
    const std::function<void(const LedgerEntry&)>& visit) {
  LedgerSummary summary;
  const auto add = [&](const LedgerEntry& entry, int64_t begin, int64_t end) {
    summary.Add(entry);
    if (visit) visit(entry);
    summary.damaged_bytes += begin - summary.end_offset;
    summary.damaged_bytes =
        std::max<int64_t>(0, summary.damaged_bytes - entry.torn_bytes());
    summary.end_offset = end;
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const int64_t size, ReadEntries(path, 0, add));
  summary.tail_bytes = size - summary.end_offset;
  return summary;
}

absl::Status VisitLedger(
    const fs::path& path, int64_t from,
    const std::function<absl::Status(const LedgerEntry&, int64_t)>& visit) {
  const auto hand_on = [&](const LedgerEntry& entry, int64_t /*begin*/,
                           int64_t end) { return visit(entry, end); };
  return ReadEntries(path, from, hand_on).status();
}

LedgerWriter::LedgerWriter(const fs::path& path, FileDescriptor fd,
                           int64_t end_offset)
    : path_(path),
      fd_(std::move(fd)),
      size_bytes_(end_offset),
      synced_bytes_(end_offset) {}

absl::StatusOr<std::unique_ptr<LedgerWriter>> LedgerWriter::Open(
    const fs::path& path, int64_t end_offset) {
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDWR | O_CREAT));
  RETURN_IF_ERROR(SyncDir(path.parent_path()));
  auto writer =
      absl::WrapUnique(new LedgerWriter(path, std::move(fd), end_offset));
  RETURN_IF_ERROR(writer->CutBack());
  return writer;
}

absl::Status LedgerWriter::Append(absl::Span<const LedgerEntry> entries) {
  std::string bytes;
  for (const LedgerEntry& entry : entries) {
    if (entry.ByteSizeLong() > kMaxEntryBytes / 2) {
      return absl::InvalidArgumentError(
          "a ledger entry is larger than 512 KiB");
    }
    LedgerEntry timed = entry;
    if (timed.time_unix_micros() == 0) {
      timed.set_time_unix_micros(absl::ToUnixMicros(absl::Now()));
    }
    AppendFrame(timed, bytes);
  }
  RETURN_IF_ERROR(WriteAt(fd_, bytes, size_bytes_, path_));
  size_bytes_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status LedgerWriter::Sync() {
  RETURN_IF_ERROR(SyncFile(fd_, path_));
  synced_bytes_ = size_bytes_;
  return absl::OkStatus();
}

absl::Status LedgerWriter::CutBack() {
  if (ftruncate(fd_.get(), synced_bytes_) != 0) {
    return ErrnoStatus("cut", path_, errno);
  }
  size_bytes_ = synced_bytes_;
  return absl::OkStatus();
}

}  // namespace verso
