#ifndef VERSO_COMMON_IMAGE_TEXT_H_
#define VERSO_COMMON_IMAGE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "common/image/byte_reader.h"

namespace verso {

// Text out of hostile files, always valid UTF-8 (protobuf and JSON demand it),
// without control characters but tab and end of line, at most `max_bytes`.

inline constexpr size_t kMaxTextBytes = size_t{64} << 10;

// `bytes` when it is UTF-8, else read as Latin-1.
std::string CleanText(absl::string_view bytes,
                      size_t max_bytes = kMaxTextBytes);

std::string TextFromLatin1(absl::string_view bytes,
                           size_t max_bytes = kMaxTextBytes);

// Ill-formed pairs become U+FFFD; an odd last byte is dropped.
std::string TextFromUtf16(absl::string_view bytes, ByteOrder order);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_TEXT_H_
