#ifndef VERSO_SHARDSTORE_SHARD_FORMAT_H_
#define VERSO_SHARDSTORE_SHARD_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// The bytes of a shard (FORMAT.md has the picture): a POSIX tar of samples,
//   shard  := sample* [zero:byte[1024]]      the zeros once it is sealed
//   sample := pax_header pax_body json_header json pad image_header image pad
// in blocks of 512 bytes. The pax extended header's only keyword is
//   comment=verso1 shard=NAME seq=N{10} bytes=N{12} crc32c=X{8}
// where `bytes` is the length of the sample and the CRC-32C covers all of
// them, its own eight digits read as '0'.
inline constexpr int64_t kTarBlockBytes = 512;
inline constexpr int64_t kSampleHeaderBytes = 2 * kTarBlockBytes;
inline constexpr int64_t kSealBytes = 2 * kTarBlockBytes;
inline constexpr int64_t kDefaultMaxShardBytes = int64_t{256} << 20;

// What is put in a shard. `key` is 1 to 64 of [0-9A-Za-z_-], `extension` 1 to 8
// of [0-9a-z] and not "json"; the files are <key>.json and <key>.<extension>.
struct SampleContent {
  absl::string_view key;
  absl::string_view json;  // UTF-8.
  absl::string_view extension;
  absl::string_view image;
};

// What is read back.
struct ShardSample {
  uint64_t seq = 0;  // From 0 in each shard.
  std::string key;
  std::string json;
  std::string extension;
  std::string image;
};

// The record header: the pax header before a sample.
struct SampleHeader {
  std::string shard;
  uint64_t seq = 0;
  int64_t size_bytes = 0;  // Of the whole sample, this header included.
  uint32_t crc32c = 0;
};

// "shard-000042.tar", and back (nullopt: not such a name).
std::string ShardName(int number);
std::optional<int> ShardNumber(absl::string_view name);

// One whole sample, ready to be written at the end of shard `shard` (a file
// name). Depends on its arguments alone.
// kInvalidArgument: key, extension or a size does not fit the format.
absl::StatusOr<std::string> EncodeSample(absl::string_view shard, uint64_t seq,
                                         const SampleContent& content);

// `bytes` holds at least the first kSampleHeaderBytes of a sample. The header
// is believed only once DecodeSample() has checked its CRC.
// kDataLoss: these are not the first bytes of a sample.
absl::StatusOr<SampleHeader> DecodeSampleHeader(absl::string_view bytes);

// `bytes` is exactly one sample. kDataLoss names `shard` and `seq` when any
// byte has changed or when this is the sample of another place.
absl::StatusOr<ShardSample> DecodeSample(absl::string_view shard, uint64_t seq,
                                         absl::string_view bytes);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHARD_FORMAT_H_
