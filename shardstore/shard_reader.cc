#include "shardstore/shard_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {

namespace fs = std::filesystem;

ShardReader::ShardReader(const fs::path& path, FileDescriptor fd)
    : path_(path), name_(path.filename().string()), fd_(std::move(fd)) {}

absl::StatusOr<std::unique_ptr<ShardReader>> ShardReader::Open(
    const fs::path& path) {
  ASSIGN_OR_RETURN(FileDescriptor fd, OpenFile(path, O_RDONLY));
  return absl::WrapUnique(new ShardReader(path, std::move(fd)));
}

absl::StatusOr<ShardSample> ShardReader::Read(
    const SampleExtent& extent) const {
  ASSIGN_OR_RETURN(const int64_t file_bytes, FileBytes());
  if (extent.offset < 0 || extent.size_bytes < kSampleHeaderBytes ||
      extent.size_bytes > file_bytes - extent.offset) {
    return absl::DataLossError(absl::StrCat("sample seq=", extent.seq, " of ",
                                            name_, " is cut off: the file has ",
                                            file_bytes, " bytes"));
  }
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadAt(fd_, extent.offset, extent.size_bytes, path_));
  return DecodeSample(name_, extent.seq, bytes);
}

absl::StatusOr<int64_t> ShardReader::FileBytes() const {
  struct stat info;
  if (fstat(fd_.get(), &info) != 0) return ErrnoStatus("read", path_, errno);
  return static_cast<int64_t>(info.st_size);
}

// A sample is longer than a seal, so what is left tells one from the other.
absl::StatusOr<bool> ShardReader::IsSealAt(int64_t offset,
                                           int64_t file_bytes) const {
  if (file_bytes - offset != kSealBytes) return false;
  ASSIGN_OR_RETURN(const std::string tail,
                   ReadAt(fd_, offset, kSealBytes, path_));
  return tail == std::string(kSealBytes, '\0');
}

absl::StatusOr<SampleHeader> ShardReader::ReadHeader(int64_t offset) const {
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadAt(fd_, offset, kSampleHeaderBytes, path_));
  return DecodeSampleHeader(bytes);
}

absl::StatusOr<std::vector<SampleExtent>> ShardReader::ListSamples(
    std::optional<int64_t> end_offset) const {
  ASSIGN_OR_RETURN(const int64_t file_bytes, FileBytes());
  const int64_t end = end_offset.value_or(file_bytes);
  std::vector<SampleExtent> samples;
  int64_t offset = 0;
  while (offset < end) {
    if (!end_offset.has_value()) {
      ASSIGN_OR_RETURN(const bool at_seal, IsSealAt(offset, file_bytes));
      if (at_seal) break;
    }
    const absl::StatusOr<SampleHeader> header = ReadHeader(offset);
    if (!header.ok() || header->shard != name_ ||
        header->seq != samples.size() || header->size_bytes > end - offset) {
      return absl::DataLossError(absl::StrCat("sample seq=", samples.size(),
                                              " of ", path_.string(),
                                              " has a damaged record header"));
    }
    samples.push_back({header->seq, offset, header->size_bytes});
    offset += header->size_bytes;
  }
  return samples;
}

ShardScanner::ShardScanner(const ShardReader* reader, int64_t begin,
                           uint64_t first_seq, int64_t end)
    : reader_(reader), offset_(begin), seq_(first_seq), end_(end) {}

absl::StatusOr<std::optional<ScannedSample>> ShardScanner::Next() {
  if (offset_ >= end_) return std::nullopt;
  absl::StatusOr<ScannedSample> next = ReadSampleAt(offset_, seq_);
  if (!next.ok()) {
    SkipDamage();
    return next.status();
  }
  offset_ += next->extent.size_bytes;
  ++seq_;
  return *std::move(next);
}

// Without a `seq` the sample may be any of this shard.
absl::StatusOr<ScannedSample> ShardScanner::ReadSampleAt(
    int64_t offset, std::optional<uint64_t> seq) const {
  const absl::StatusOr<SampleHeader> header = reader_->ReadHeader(offset);
  if (!header.ok() || header->size_bytes > end_ - offset) {
    return absl::DataLossError(absl::StrCat("sample seq=", seq_, " of ",
                                            reader_->name(),
                                            " has a damaged record header"));
  }
  const SampleExtent extent = {seq.value_or(header->seq), offset,
                               header->size_bytes};
  ASSIGN_OR_RETURN(ShardSample sample, reader_->Read(extent));
  return ScannedSample{extent, std::move(sample)};
}

// Samples begin on block boundaries; a later one that is whole to the last
// bit, of this shard, is where reading goes on.
void ShardScanner::SkipDamage() {
  for (int64_t offset = offset_ + kTarBlockBytes; offset < end_;
       offset += kTarBlockBytes) {
    const absl::StatusOr<ScannedSample> found =
        ReadSampleAt(offset, std::nullopt);
    if (found.ok() && found->extent.seq > seq_) {
      offset_ = offset;
      seq_ = found->extent.seq;
      return;
    }
  }
  offset_ = end_;
}

}  // namespace verso
