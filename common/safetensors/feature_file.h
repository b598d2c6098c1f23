#ifndef VERSO_COMMON_SAFETENSORS_FEATURE_FILE_H_
#define VERSO_COMMON_SAFETENSORS_FEATURE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/file.h"

// A vector a record, as a safetensors file:
//   features    F32 [n, d]   one row a record
//   record_ids  U8 [n, 32]   the record's id in ASCII, row by row
//   __metadata__             what the writer says of itself
namespace verso {

// All of a file. Row i is values[i * dimensions, (i + 1) * dimensions).
struct FeatureTable {
  int64_t dimensions = 0;
  std::vector<std::string> record_ids;  // No id comes twice.
  std::vector<float> values;            // All finite.
  std::map<std::string, std::string> metadata;

  int64_t rows() const { return static_cast<int64_t>(record_ids.size()); }
  absl::Span<const float> row(int64_t i) const {
    return absl::MakeSpan(values).subspan(i * dimensions, dimensions);
  }
};

// Writes such a file row by row; memory is that of the ids. The file is absent
// or whole: until Commit() its name is `path`.tmp. Not thread-safe.
class FeatureFileWriter {
 public:
  // Errors as OpenFile().
  static absl::StatusOr<std::unique_ptr<FeatureFileWriter>> Create(
      const std::filesystem::path& path,
      std::map<std::string, std::string> metadata);

  // Without Commit() nothing is left, and a file of before stays.
  ~FeatureFileWriter();

  // kInvalidArgument: no record id, a row that is empty or not as long as the
  // first one, or a value that is not finite. kResourceExhausted: the disk is
  // full.
  absl::Status Add(absl::string_view record_id, absl::Span<const float> row);

  int64_t rows() const { return ids_.size() / kIdBytes; }

  // Durable when it returns. Called once, after the last Add().
  // kInvalidArgument: the metadata exceeds 3 KiB.
  absl::Status Commit();

 private:
  static constexpr size_t kIdBytes = 32;

  FeatureFileWriter(std::filesystem::path path, FileDescriptor fd,
                    std::map<std::string, std::string> metadata);
  absl::Status Flush();

  const std::filesystem::path path_, temporary_;
  FileDescriptor fd_;
  const std::map<std::string, std::string> metadata_;
  std::string ids_;
  std::string pending_;  // Rows that are not written yet.
  int64_t dimensions_ = 0;
  int64_t end_;  // Of what is written.
};

inline constexpr int64_t kMaxFeatureBytes = int64_t{8} << 30;

// Into memory. kNotFound: no such file. kDataLoss: not safetensors, or damaged.
// kInvalidArgument: safetensors of another kind, or values that Add() refuses.
// kResourceExhausted: its features exceed `max_bytes`.
absl::StatusOr<FeatureTable> ReadFeatureFile(
    const std::filesystem::path& path, int64_t max_bytes = kMaxFeatureBytes);

}  // namespace verso

#endif  // VERSO_COMMON_SAFETENSORS_FEATURE_FILE_H_
