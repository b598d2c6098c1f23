#ifndef VERSO_COMMON_HTTP_BYTE_STREAM_H_
#define VERSO_COMMON_HTTP_BYTE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"

namespace verso {

// Bytes that come in parts. Not thread-safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // The next part, valid until the next call; empty at the end. After an
  // error every call returns it again.
  virtual absl::StatusOr<absl::string_view> Next() = 0;
};

// All that is left of `stream`. kResourceExhausted above `max_bytes`. A body of
// more than one part is given room for `max_bytes` at once: a string that grows
// by copying would take up to three times what it holds, and room that is not
// written to is no memory yet.
inline absl::StatusOr<std::string> ReadAll(ByteStream& stream,
                                           int64_t max_bytes) {
  std::string all;
  while (true) {
    ASSIGN_OR_RETURN(const absl::string_view part, stream.Next());
    if (part.empty()) return all;
    if (static_cast<int64_t>(all.size() + part.size()) > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", max_bytes, " bytes"));
    }
    if (!all.empty()) all.reserve(static_cast<size_t>(max_bytes));
    all.append(part.data(), part.size());
  }
}

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_BYTE_STREAM_H_
