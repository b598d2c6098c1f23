#include "ingest/work_key.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/claims/year.h"

namespace verso {
namespace {

// Letters of U+00C0 to U+00FF without their marks; '.' where there is none.
constexpr absl::string_view kPlainLetters =
    "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty";
static_assert(kPlainLetters.size() == 64);

// The words of `text` in lower-case ASCII; any other character but letters and
// digits parts words, other scripts stay as they are.
std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = text[i];
    if (c == 0xC3 && i + 1 < text.size()) {
      const unsigned char next = text[++i];
      words.back().push_back(kPlainLetters[next & 0x3F]);
    } else if (c >= 0x80 || absl::ascii_isalnum(c)) {
      words.back().push_back(absl::ascii_tolower(c));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool IsYear(absl::string_view word) {
  return word.size() == 4 && YearOf(word) != 0;
}

}  // namespace

std::string WorkKey(absl::string_view artist, absl::string_view title) {
  std::vector<std::string> names = Words(artist);
  std::sort(names.begin(), names.end());
  std::vector<std::string> words =
      Words(absl::StrReplaceAll(title, {{"(detail)", ""}, {"(Detail)", ""}}));
  if (words.size() > 1 && IsYear(words.back())) words.pop_back();
  if (words.empty() || (words.size() == 1 && words[0] == "untitled")) return "";
  return absl::StrCat(absl::StrJoin(names, " "), "|",
                      absl::StrJoin(words, " "));
}

}  // namespace verso
