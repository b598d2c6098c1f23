#ifndef VERSO_SHARDSTORE_SNAPSHOT_READER_H_
#define VERSO_SHARDSTORE_SNAPSHOT_READER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/file.h"
#include "proto/dataset.pb.h"
#include "shardstore/sample_stream.h"
#include "shardstore/sample_table.h"
#include "shardstore/shard_reader.h"
#include "shardstore/snapshot_format.h"

namespace verso {

// Rows [begin, end) of samples.csv.
struct RowRange {
  uint64_t begin = 0;
  uint64_t end = 0;

  uint64_t size() const { return end - begin; }
};

// Reads the folder of one snapshot: no lock, no index, no RocksDB. A sample
// costs two reads, and memory does not grow with the number of samples.
// Thread-safe.
class SnapshotReader {
 public:
  // kNotFound: no snapshot in `dir`. kDataLoss: a file of it is missing,
  // damaged or of another length; it is named.
  static absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(
      const std::filesystem::path& dir);

  const SnapshotInfo& info() const { return info_; }

  // The samples of a split are consecutive rows.
  RowRange RowsOf(Split split) const;

  // The sample of `row`, every byte checked; `position` is 0. REQUIRES: `row`
  // is less than the number of samples.
  // kDataLoss: bytes have changed; the shard and the row are named.
  absl::StatusOr<Sample> Read(uint64_t row) const;

 private:
  SnapshotReader(const std::filesystem::path& dir, SnapshotInfo info);
  absl::Status OpenFiles();
  absl::StatusOr<IndexEntry> ReadEntry(uint64_t row) const;

  const std::filesystem::path dir_;
  const SnapshotInfo info_;
  FileDescriptor index_;
  std::vector<std::unique_ptr<ShardReader>> shards_;
};

// snapshot.textproto of the snapshot in `dir`. kNotFound: there is none.
// kDataLoss: it cannot be read.
absl::StatusOr<SnapshotInfo> ReadSnapshotInfo(const std::filesystem::path& dir);

// samples.csv of the snapshot in `dir`, as bytes. Errors as
// ReadSnapshotInfo(); kDataLoss also: it is missing or has changed.
absl::StatusOr<std::string> ReadSamplesCsv(const std::filesystem::path& dir);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_READER_H_
