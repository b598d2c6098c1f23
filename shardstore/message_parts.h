#ifndef VERSO_SHARDSTORE_MESSAGE_PARTS_H_
#define VERSO_SHARDSTORE_MESSAGE_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "proto/record.pb.h"
#include "proto/shard_service.pb.h"
#include "shardstore/sample_stream.h"

namespace verso {

// Records and batches in messages well below kMaxMessageBytes, and back.

inline constexpr size_t kPartBytes = size_t{1} << 20;  // Image bytes.
inline constexpr size_t kMaxImageBytes = size_t{32} << 20;  // Of a record.

// Gives the parts of `record` to `write`; false as soon as `write` says so.
bool SendRecord(const Record& record,
                const std::function<bool(const RecordPart&)>& write);

// Puts records together again. Not thread-safe.
class RecordAssembler {
 public:
  // The record that `part` ends, if it does. kInvalidArgument: a record that
  // does not begin with its provenance, or is larger than kMaxImageBytes.
  absl::StatusOr<std::optional<Record>> Add(RecordPart part);

  // Whether the last record is whole.
  bool idle() const { return !record_.has_value(); }

 private:
  std::optional<Record> record_;
};

// Gives the parts of `batch` to `write`; false as soon as `write` says so.
bool SendBatch(const SampleBatch& batch,
               const std::function<bool(const SampleBatchPart&)>& write);

// Puts batches together again and checks every image's CRC. Not thread-safe.
class BatchAssembler {
 public:
  // The batch that `part` ends, if it does. kDataLoss: an image does not match
  // its CRC (its sample is named), or parts are missing.
  absl::StatusOr<std::optional<SampleBatch>> Add(SampleBatchPart part);

 private:
  absl::Status AddSample(SampleMessage message);

  std::optional<SampleBatch> batch_;
  uint32_t crc32c_ = 0;  // Of the last sample, while it continues.
  bool continues_ = false;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_MESSAGE_PARTS_H_
