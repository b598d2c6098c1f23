#include "shardstore/near_duplicates/judged_pairs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/crc32c.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr int64_t kEntryBytes = 40;
constexpr int64_t kPartBytes = 25'000 * kEntryBytes;

std::string HeadOf(int method_version) {
  std::string head =
      absl::StrCat("verso judged pairs 1, method ", method_version);
  head.resize(kEntryBytes, '\n');
  return head;
}

std::string EntryOf(const JudgedPair& pair) {
  std::string entry(pair.first.begin(), pair.first.end());
  entry.append(pair.second.begin(), pair.second.end());
  const uint32_t crc = Crc32c(entry);
  for (int shift = 0; shift < 32; shift += 8) {
    entry.push_back(static_cast<char>(crc >> shift & 0xff));
  }
  entry.resize(kEntryBytes, '\0');
  return entry;
}

}  // namespace

PackedId PackId(absl::string_view record_id) {
  const std::string bytes = absl::HexStringToBytes(record_id);
  PackedId id;
  VERSO_CHECK(bytes.size() == id.size());
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

std::string UnpackId(const PackedId& id) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
}

JudgedPairs::JudgedPairs(std::filesystem::path path, FileDescriptor fd)
    : path_(std::move(path)), fd_(std::move(fd)) {}

absl::StatusOr<std::unique_ptr<JudgedPairs>> JudgedPairs::Open(
    const std::filesystem::path& path, int method_version,
    const std::function<void(const JudgedPair&)>& visit) {
  if (path.has_parent_path()) RETURN_IF_ERROR(MakeDirs(path.parent_path()));
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDWR | O_CREAT));
  auto pairs = absl::WrapUnique(new JudgedPairs(path, std::move(fd)));
  struct stat info;
  if (fstat(pairs->fd_.get(), &info) != 0) {
    return ErrnoStatus("read", path, errno);
  }
  const std::string head = HeadOf(method_version);
  RETURN_IF_ERROR(pairs->Load(info.st_size, head, visit));
  if (ftruncate(pairs->fd_.get(), pairs->size_) != 0) {
    return ErrnoStatus("cut", path, errno);
  }
  if (pairs->size_ == 0) {
    RETURN_IF_ERROR(WriteAt(pairs->fd_, head, 0, path));
    pairs->size_ = kEntryBytes;
  }
  return pairs;
}

absl::Status JudgedPairs::Load(
    int64_t size, const std::string& head,
    const std::function<void(const JudgedPair&)>& visit) {
  const int64_t whole = size / kEntryBytes * kEntryBytes;
  if (whole == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string there, ReadAt(fd_, 0, kEntryBytes, path_));
  if (there != head) return absl::OkStatus();
  size_ = whole;
  for (int64_t offset = kEntryBytes; offset < whole;) {
    const int64_t part = std::min(kPartBytes, whole - offset);
    ASSIGN_OR_RETURN(const std::string bytes, ReadAt(fd_, offset, part, path_));
    for (int64_t i = 0; i < part; i += kEntryBytes) {
      const absl::string_view entry =
          absl::string_view(bytes).substr(i, kEntryBytes);
      JudgedPair pair;
      std::copy_n(entry.begin(), pair.first.size(), pair.first.begin());
      std::copy_n(entry.begin() + pair.first.size(), pair.second.size(),
                  pair.second.begin());
      if (EntryOf(pair) == entry) visit(pair);
    }
    offset += part;
  }
  return absl::OkStatus();
}

absl::Status JudgedPairs::Add(absl::Span<const JudgedPair> pairs) {
  std::string bytes;
  for (const JudgedPair& pair : pairs) bytes += EntryOf(pair);
  RETURN_IF_ERROR(WriteAt(fd_, bytes, size_, path_));
  size_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

}  // namespace verso
