#ifndef VERSO_COMMON_IMAGE_TEXT_H_
#define VERSO_COMMON_IMAGE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/image/byte_reader.h"

namespace verso {

// Text out of hostile files, always valid UTF-8 (protobuf and JSON demand it),
// without control characters but tab and end of line, at most 64 KiB.

// `bytes` when it is UTF-8, else read as Latin-1.
std::string CleanText(absl::string_view bytes);

std::string TextFromLatin1(absl::string_view bytes);

// Ill-formed pairs become U+FFFD; an odd last byte is dropped.
std::string TextFromUtf16(absl::string_view bytes, ByteOrder order);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_TEXT_H_
