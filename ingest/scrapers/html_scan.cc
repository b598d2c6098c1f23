#include "ingest/scrapers/html_scan.h"

#include <re2/re2.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/http/consent_signals.h"

namespace verso {
namespace {

const RE2& AttributePattern(const char* name) {
  return *new RE2(
      absl::StrCat("(?is)[\\s\"']", name,
                   "\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))"));
}

// The value of an attribute in a tag; empty when it has none.
std::string AttributeOf(const std::string& tag, const RE2& pattern) {
  std::string quoted, single, bare;
  if (!RE2::PartialMatch(tag, pattern, &quoted, &single, &bare)) return "";
  const std::string value = absl::StrCat(quoted, single, bare);
  return absl::StrReplaceAll(value, {{"&amp;", "&"}});
}

std::vector<std::string> TagsOf(absl::string_view html, const char* name) {
  const RE2 pattern(absl::StrCat("(?is)(<", name, "\\s[^>]*>)"));
  re2::StringPiece rest(html.data(), html.size());
  std::vector<std::string> tags;
  for (std::string tag; RE2::FindAndConsume(&rest, pattern, &tag);) {
    tags.push_back(tag);
  }
  return tags;
}

}  // namespace

std::vector<std::string> FindJpegLinks(absl::string_view html) {
  static const RE2& href = AttributePattern("href");
  std::vector<std::string> links;
  for (const std::string& tag : TagsOf(html, "a")) {
    std::string link = AttributeOf(tag, href);
    if (absl::EndsWithIgnoreCase(link, ".jpg") ||
        absl::EndsWithIgnoreCase(link, ".jpeg")) {
      links.push_back(std::move(link));
    }
  }
  return links;
}

std::string ForbiddenByMetaTag(absl::string_view html,
                               absl::string_view product_token) {
  static const RE2& name = AttributePattern("name");
  static const RE2& content = AttributePattern("content");
  for (const std::string& tag : TagsOf(html, "meta")) {
    const std::string whom = AttributeOf(tag, name);
    if (!absl::EqualsIgnoreCase(whom, "robots") &&
        !absl::EqualsIgnoreCase(whom, product_token)) {
      continue;
    }
    for (absl::string_view word :
         absl::StrSplit(AttributeOf(tag, content), ',')) {
      word = absl::StripAsciiWhitespace(word);
      if (ForbidsTraining(word)) return absl::AsciiStrToLower(word);
    }
  }
  return "";
}

}  // namespace verso
