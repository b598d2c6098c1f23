#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_JUDGED_PAIRS_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_JUDGED_PAIRS_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/file.h"

namespace verso {

// A record id in 16 bytes.
using PackedId = std::array<uint8_t, 16>;

// REQUIRES: `record_id` has 32 hex digits.
PackedId PackId(absl::string_view record_id);
std::string UnpackId(const PackedId& id);

struct JudgedPair {
  PackedId first;
  PackedId second;
};

// A file of the pairs that were compared before, whatever came of it, so that
// nobody compares them again. A cache: it may be deleted at any time, is not
// synced, and bytes that are damaged or cut short only mean that their pairs
// are compared again. One of another method version is begun anew. On disk, a
// head of 40 bytes, then for each pair
//   first:byte[16] second:byte[16] crc32c:fixed32 zero:fixed32
// Not thread-safe; one process at a time.
class JudgedPairs {
 public:
  // Makes the file when it is absent and gives every pair in it to `visit`.
  static absl::StatusOr<std::unique_ptr<JudgedPairs>> Open(
      const std::filesystem::path& path, int method_version,
      const std::function<void(const JudgedPair&)>& visit);

  absl::Status Add(absl::Span<const JudgedPair> pairs);

 private:
  JudgedPairs(std::filesystem::path path, FileDescriptor fd);

  // Reads what is there; an error or another head means to begin anew.
  absl::Status Load(int64_t size, const std::string& head,
                    const std::function<void(const JudgedPair&)>& visit);

  const std::filesystem::path path_;
  const FileDescriptor fd_;
  int64_t size_ = 0;  // Bytes.
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_JUDGED_PAIRS_H_
