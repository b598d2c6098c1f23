#ifndef VERSO_INGEST_TEXT_ENCODING_H_
#define VERSO_INGEST_TEXT_ENCODING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace verso {

enum class TextEncoding { kUtf8, kLatin1, kCodePage850 };

// Strict: no overlong forms, no surrogates.
bool IsUtf8(absl::string_view text);

// UTF-8 when `text` is valid UTF-8 (ASCII is), else the older code page by
// where its letters with accents lie. Give it a whole file, not a line.
TextEncoding DetectEncoding(absl::string_view text);

// `text` in UTF-8, without a byte order mark.
std::string ToUtf8(absl::string_view text, TextEncoding encoding);

}  // namespace verso

#endif  // VERSO_INGEST_TEXT_ENCODING_H_
