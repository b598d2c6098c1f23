#include "shardstore/snapshot_format.h"

#include "absl/status/status.h"
#include "common/base/crc32c.h"

namespace verso {
namespace {

constexpr int64_t kCoveredBytes = kIndexEntryBytes - 4;

template <typename T>
void AppendFixed(T value, std::string& bytes) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
  }
}

template <typename T>
T TakeFixed(absl::string_view& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  bytes.remove_prefix(sizeof(T));
  return static_cast<T>(value);
}

}  // namespace

void AppendIndexEntry(const IndexEntry& entry, std::string& bytes) {
  const size_t begin = bytes.size();
  AppendFixed(entry.shard, bytes);
  AppendFixed(entry.source, bytes);
  AppendFixed(entry.seq, bytes);
  AppendFixed(entry.offset, bytes);
  AppendFixed(entry.size_bytes, bytes);
  AppendFixed(Crc32c(absl::string_view(bytes).substr(begin)), bytes);
}

absl::StatusOr<IndexEntry> ParseIndexEntry(absl::string_view bytes) {
  if (bytes.size() != kIndexEntryBytes) {
    return absl::DataLossError("index entry is cut");
  }
  const uint32_t crc = Crc32c(bytes.substr(0, kCoveredBytes));
  IndexEntry entry;
  entry.shard = TakeFixed<uint32_t>(bytes);
  entry.source = TakeFixed<uint32_t>(bytes);
  entry.seq = TakeFixed<uint64_t>(bytes);
  entry.offset = TakeFixed<int64_t>(bytes);
  entry.size_bytes = TakeFixed<uint32_t>(bytes);
  if (TakeFixed<uint32_t>(bytes) != crc) {
    return absl::DataLossError("index entry does not match its CRC");
  }
  return entry;
}

}  // namespace verso
