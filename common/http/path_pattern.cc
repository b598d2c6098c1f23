#include "common/http/path_pattern.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace verso {
namespace {

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

int HexValue(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  return absl::ascii_isxdigit(c) ? absl::ascii_tolower(c) - 'a' + 10 : -1;
}

void AppendEncoded(unsigned char byte, std::string& out) {
  absl::StrAppendFormat(&out, "%%%02X", byte);
}

// `special`: characters that are no path's, and stay as they are.
std::string Normalize(absl::string_view path, absl::string_view special) {
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '%' && i + 2 < path.size() && HexValue(path[i + 1]) >= 0 &&
        HexValue(path[i + 2]) >= 0) {
      const int byte = HexValue(path[i + 1]) * 16 + HexValue(path[i + 2]);
      i += 2;
      if (IsUnreserved(static_cast<char>(byte))) {
        out.push_back(static_cast<char>(byte));
      } else {
        AppendEncoded(static_cast<unsigned char>(byte), out);
      }
    } else if (c == '*' || c == '$' ? absl::StrContains(special, c)
                                    : absl::ascii_isgraph(c)) {
      out.push_back(c);
    } else {
      AppendEncoded(static_cast<unsigned char>(c), out);
    }
  }
  return out;
}

}  // namespace

std::string NormalizePath(absl::string_view path) {
  return Normalize(path, "");
}

std::string NormalizePattern(absl::string_view pattern) {
  const bool to_end = absl::ConsumeSuffix(&pattern, "$");
  return Normalize(pattern, "*") + (to_end ? "$" : "");
}

// Each part between two stars is taken where it first occurs, which leaves the
// most for the ones behind it.
bool MatchesPath(absl::string_view pattern, absl::string_view path) {
  const bool to_end = absl::ConsumeSuffix(&pattern, "$");
  const std::vector<absl::string_view> parts = absl::StrSplit(pattern, '*');
  if (!absl::StartsWith(path, parts[0])) return false;
  size_t at = parts[0].size();
  for (size_t i = 1; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    if (is_last && to_end) {
      return path.size() - at >= parts[i].size() &&
             absl::EndsWith(path, parts[i]);
    }
    const size_t found = path.find(parts[i], at);
    if (found == absl::string_view::npos) return false;
    at = found + parts[i].size();
  }
  return !to_end || at == path.size();
}

}  // namespace verso
