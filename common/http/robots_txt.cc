#include "common/http/robots_txt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace verso {
namespace {

constexpr absl::Duration kLongestDelay = absl::Hours(24);

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

// One spelling for what is equal (RFC 9309, 2.2.2): escapes of unreserved
// characters are undone, others are in upper case, and bytes that a URL must
// escape are escaped. "*" and "$" stay as they are.
std::string Normalize(absl::string_view path) {
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
    } else if (absl::ascii_isgraph(c)) {
      out.push_back(c);
    } else {
      AppendEncoded(static_cast<unsigned char>(c), out);
    }
  }
  return out;
}

// Whether `pattern` fits the beginning of `path`, or all of it when it ends in
// "$". Each part between two stars is taken where it first occurs, which
// leaves the most for the ones behind it.
bool Matches(absl::string_view pattern, absl::string_view path) {
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

// The name at the start of a user-agent line: "Verso/1.0" is "Verso".
absl::string_view TokenOf(absl::string_view value) {
  if (absl::StartsWith(value, "*")) return "*";
  const auto end = std::find_if_not(value.begin(), value.end(), [](char c) {
    return absl::ascii_isalpha(c) || c == '_' || c == '-';
  });
  return value.substr(0, static_cast<size_t>(end - value.begin()));
}

struct Line {
  std::string key;  // In lower case.
  absl::string_view value;
};

// nullopt: nothing that could be a rule.
std::optional<Line> ParseLine(absl::string_view text) {
  text = text.substr(0, text.find('#'));
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  return Line{
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(0, colon))),
      absl::StripAsciiWhitespace(text.substr(colon + 1))};
}

std::optional<absl::Duration> ParseDelay(absl::string_view value) {
  double seconds = 0;
  if (!absl::SimpleAtod(value, &seconds) || !(seconds >= 0)) {
    return std::nullopt;
  }
  return std::min(absl::Seconds(seconds), kLongestDelay);
}

}  // namespace

RobotsTxt RobotsTxt::Parse(absl::string_view text,
                           absl::string_view product_token) {
  RobotsTxt ours, others;
  bool has_ours = false;
  bool for_us = false, for_all = false;  // Whom the present group is for.
  bool in_names = false;                 // No rule has come behind them yet.
  text = text.substr(0, kMaxBytes);
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  const auto add = [&](const auto& apply) {
    in_names = false;
    if (for_us) apply(ours);
    if (for_all) apply(others);
  };
  for (const absl::string_view raw :
       absl::StrSplit(text, absl::ByAnyChar("\r\n"))) {
    const std::optional<Line> line = ParseLine(raw);
    if (!line) continue;
    if (line->key == "user-agent") {
      if (!in_names) for_us = for_all = false;
      in_names = true;
      const absl::string_view token = TokenOf(line->value);
      for_all = for_all || token == "*";
      for_us = for_us || absl::EqualsIgnoreCase(token, product_token);
      has_ours = has_ours || for_us;
    } else if (line->key == "allow" || line->key == "disallow") {
      add([&](RobotsTxt& robots) {
        if (line->value.empty()) return;  // "Disallow:" forbids nothing.
        robots.rules_.push_back({Normalize(line->value), line->key == "allow"});
      });
    } else if (line->key == "crawl-delay") {
      add([&](RobotsTxt& robots) {
        const std::optional<absl::Duration> delay = ParseDelay(line->value);
        if (!delay) return;
        robots.crawl_delay_ =
            std::max(*delay, robots.crawl_delay_.value_or(*delay));
      });
    }
  }
  return has_ours ? ours : others;
}

bool RobotsTxt::Allows(absl::string_view path) const {
  const std::string normalized = Normalize(path);
  const Rule* decisive = nullptr;
  for (const Rule& rule : rules_) {
    if (!Matches(rule.pattern, normalized)) continue;
    if (decisive == nullptr || rule.pattern.size() > decisive->pattern.size() ||
        (rule.pattern.size() == decisive->pattern.size() && rule.allows)) {
      decisive = &rule;
    }
  }
  return decisive == nullptr || decisive->allows;
}

}  // namespace verso
