#ifndef VERSO_TESTS_GALLERY_TEXT_H_
#define VERSO_TESTS_GALLERY_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// `utf8` in another encoding ("CP850", "ISO-8859-1"), by iconv; what that does
// not have becomes a "?" or a look-alike.
// kInvalidArgument: no such encoding, or not UTF-8.
absl::StatusOr<std::string> Encode(absl::string_view utf8,
                                   const std::string& encoding);

// `bytes` if they are UTF-8, else with each wrong byte as a "?".
std::string ToUtf8(absl::string_view bytes);

// `utf8` in letters that all western encodings have: others become look-alikes
// or "?". Without blanks at its ends. REQUIRES: it is UTF-8.
std::string ToWestern(absl::string_view utf8);

// The first at most `max_bytes` bytes, no character cut in two.
std::string CutUtf8(absl::string_view utf8, size_t max_bytes);

// Lower-case ASCII letters and digits, with single dashes between words.
std::string Slug(absl::string_view text);

// The first number of four digits from 1000 to 2999; 0: there is none.
int YearIn(absl::string_view text);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_TEXT_H_
