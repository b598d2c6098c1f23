#ifndef VERSO_COMMON_HTTP_PATH_PATTERN_H_
#define VERSO_COMMON_HTTP_PATH_PATTERN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// Patterns of paths as robots.txt has them (RFC 9309, 2.2.2 and 2.2.3), which
// others have taken over.

// One spelling for what is equal: escapes of unreserved characters are undone,
// others are in upper case, and bytes that a URL must escape are escaped, "*"
// and "$" among them where they mean themselves.
std::string NormalizePath(absl::string_view path);

// The same for a pattern, whose stars, and a "$" at its end, stay as they are.
std::string NormalizePattern(absl::string_view pattern);

// Whether `pattern` fits the beginning of `path`, or all of it when it ends in
// "$"; "*" stands for any bytes. Both are normalized. Takes at most the product
// of both lengths.
bool MatchesPath(absl::string_view pattern, absl::string_view path);

}  // namespace verso

#endif  // VERSO_COMMON_HTTP_PATH_PATTERN_H_
