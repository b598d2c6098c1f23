#ifndef VERSO_SHARDSTORE_SNAPSHOT_FORMAT_H_
#define VERSO_SHARDSTORE_SNAPSHOT_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// A snapshot's folder, <store>/snapshots/<id>/:
//   snapshot.textproto   SnapshotInfo
//   samples.csv          one row per sample (sample_table.h), ordered by split
//                        (train, validation, test), then by sample id
//   shard-000000.tar...  prepared samples in the order of the rows
//   index.bin            where each row's sample lies:
//                          index := entry*      entry i at byte i * 32
//                          entry := shard:fixed32 source:fixed32 seq:fixed64
//                                   offset:fixed64 size:fixed32 crc32c:fixed32
//                        little-endian; the CRC covers the 28 bytes before it
// A folder under a name that begins with "." is unfinished.
inline constexpr char kSnapshotsDir[] = "snapshots";
inline constexpr char kSnapshotInfoFile[] = "snapshot.textproto";
inline constexpr char kSamplesFile[] = "samples.csv";
inline constexpr char kIndexFile[] = "index.bin";
inline constexpr int64_t kIndexEntryBytes = 32;

struct IndexEntry {
  uint32_t shard = 0;   // Index in SnapshotInfo::shard.
  uint32_t source = 0;  // Index in SnapshotInfo::recipe.source.
  uint64_t seq = 0;     // In its shard.
  int64_t offset = 0;   // Bytes from the start of the shard.
  uint32_t size_bytes = 0;
};

void AppendIndexEntry(const IndexEntry& entry, std::string& bytes);

// kDataLoss: not kIndexEntryBytes long, or the CRC does not fit.
absl::StatusOr<IndexEntry> ParseIndexEntry(absl::string_view bytes);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_FORMAT_H_
