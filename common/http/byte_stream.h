#ifndef VERSO_COMMON_HTTP_BYTE_STREAM_H_
#define VERSO_COMMON_HTTP_BYTE_STREAM_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// Bytes that come in parts. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // The next part, valid until the next call; empty at the end. After an
  // error every call returns it again.
  virtual absl::StatusOr<absl::string_view> Next() = 0;
};

// Of all threads together, so many may be reading a body of more than so many
// bytes at a time: sites that send nothing but the largest bodies they may
// cannot fill the memory, however many of them are asked.
inline constexpr int kMaxLargeBodies = 3;
inline constexpr int64_t kLargeBodyBytes = 4 << 20;

// All that is left of `stream`. A large body waits for others to be read, which
// a stream's own deadline ends. kResourceExhausted above `max_bytes`; else
// errors of `stream`. Call it for one stream at a time per thread.
absl::StatusOr<std::string> ReadAll(ByteStream& stream, int64_t max_bytes);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_BYTE_STREAM_H_
