#ifndef VERSO_SHARDSTORE_SHARD_WRITER_H_
#define VERSO_SHARDSTORE_SHARD_WRITER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "proto/ledger.pb.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_reader.h"

namespace verso {

// Appends samples to one shard file. The path's file name becomes the `shard`
// of every record header. Not thread-safe.
class ShardWriter {
 public:
  // Makes a new, empty shard; its folder's entry is made durable.
  // kAlreadyExists: there is such a file.
  static absl::StatusOr<std::unique_ptr<ShardWriter>> Create(
      const std::filesystem::path& path);

  // Goes on behind the first `records` samples, which end at `size_bytes`;
  // whatever follows them in the file is cut off.
  // kDataLoss: the file is shorter than that.
  static absl::StatusOr<std::unique_ptr<ShardWriter>> OpenAt(
      const std::filesystem::path& path, int64_t size_bytes, uint64_t records);

  // Writes a sample; not durable before Sync(). After an error nothing of it
  // counts, and CutTo() must be called before the next Append().
  // kInvalidArgument: as EncodeSample(). kResourceExhausted: the disk is full.
  absl::StatusOr<SampleExtent> Append(const SampleContent& content);

  // Makes everything appended so far durable. Never retry a failure: from
  // then on sync_failed().
  absl::Status Sync();

  // Takes back everything behind `size_bytes`, the end of sample `records`-1.
  absl::Status CutTo(int64_t size_bytes, uint64_t records);

  // Ends the tar, makes it durable and reads it back for its sha256. The
  // writer must not be used afterwards; after an error CutTo() takes the end
  // back.
  absl::StatusOr<ShardSealed> Seal();

  int64_t size_bytes() const { return size_bytes_; }
  uint64_t records() const { return records_; }
  const std::string& name() const { return name_; }
  bool sync_failed() const { return sync_failed_; }

 private:
  ShardWriter(const std::filesystem::path& path, FileDescriptor fd,
              int64_t size_bytes, uint64_t records);

  const std::filesystem::path path_;
  const std::string name_;
  FileDescriptor fd_;
  int64_t size_bytes_;
  uint64_t records_;
  bool sync_failed_ = false;
};

// Hex sha256 of a whole file, read in parts.
absl::StatusOr<std::string> Sha256OfFile(const std::filesystem::path& path);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_WRITER_H_
