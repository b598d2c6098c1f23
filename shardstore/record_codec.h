#ifndef VERSO_SHARDSTORE_RECORD_CODEC_H_
#define VERSO_SHARDSTORE_RECORD_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/record.pb.h"
#include "shardstore/shard_format.h"

namespace verso {

inline constexpr int64_t kMaxImageBytes = int64_t{32} << 20;
inline constexpr int64_t kMaxProvenanceBytes = int64_t{256} << 10;

// A record that was checked and is ready to be stored.
struct EncodedRecord {
  std::string id;
  Provenance provenance;  // With sha256 and size_bytes of the bytes.
  std::string json;
  std::string extension;    // By the first bytes of the image, else "bin".
  absl::string_view image;  // Of the record, which must outlive this.

  SampleContent content() const { return {id, json, extension, image}; }
};

// kInvalidArgument: no source, no bytes, more than 32 MiB, an unknown label,
// more than 256 KiB of provenance or 1 KiB of a quarantine's reason, or a value
// that JSON cannot hold.
absl::StatusOr<EncodedRecord> EncodeRecord(const Record& record);

// What was stored. kDataLoss: the sample is no record.
absl::StatusOr<Record> DecodeRecord(ShardSample sample);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_CODEC_H_
