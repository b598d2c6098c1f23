#ifndef VERSO_SHARDSTORE_SHARD_READER_H_
#define VERSO_SHARDSTORE_SHARD_READER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "shardstore/shard_format.h"

namespace verso {

// Where a sample lies in its shard: bytes [offset, offset + size_bytes).
struct SampleExtent {
  uint64_t seq = 0;
  int64_t offset = 0;
  int64_t size_bytes = 0;
};

// Reads samples of one shard file, sealed or still growing. Thread-safe.
class ShardReader {
 public:
  // kNotFound: no such file.
  static absl::StatusOr<std::unique_ptr<ShardReader>> Open(
      const std::filesystem::path& path);

  // The sample at `extent`, its CRC checked. kDataLoss names shard and seq.
  absl::StatusOr<ShardSample> Read(const SampleExtent& extent) const;

  // The samples that end at or before `end_offset`, or, without it, those of
  // the whole file (sealed or not). Hops from header to header without
  // reading images, so only Read() tells whether a sample is whole.
  // kDataLoss: a header is damaged or the last sample is cut.
  absl::StatusOr<std::vector<SampleExtent>> ListSamples(
      std::optional<int64_t> end_offset = std::nullopt) const;

  const std::string& name() const { return name_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  friend class ShardScanner;
  ShardReader(const std::filesystem::path& path, FileDescriptor fd);
  absl::StatusOr<SampleHeader> ReadHeader(int64_t offset) const;
  absl::StatusOr<int64_t> FileBytes() const;
  absl::StatusOr<bool> IsSealAt(int64_t offset, int64_t file_bytes) const;

  const std::filesystem::path path_;
  const std::string name_;
  const FileDescriptor fd_;
};

struct ScannedSample {
  SampleExtent extent;
  ShardSample sample;
};

// Reads all samples of [begin, end) in order, every byte checked. Not
// thread-safe. `reader` is not owned and must outlive the scanner.
class ShardScanner {
 public:
  // `begin` is the start of sample `first_seq`; `end` the end of a sample.
  ShardScanner(const ShardReader* reader, int64_t begin, uint64_t first_seq,
               int64_t end);

  // nullopt behind the last sample. kDataLoss names a damaged place; the next
  // call goes on at the first whole sample behind it.
  absl::StatusOr<std::optional<ScannedSample>> Next();

 private:
  absl::StatusOr<ScannedSample> ReadSampleAt(int64_t offset,
                                             std::optional<uint64_t> seq) const;
  void SkipDamage();

  const ShardReader* const reader_;
  int64_t offset_;
  uint64_t seq_;
  const int64_t end_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_READER_H_
