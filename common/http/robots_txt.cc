#include "common/http/robots_txt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/http/path_pattern.h"

namespace verso {
namespace {

constexpr absl::Duration kLongestDelay = absl::Hours(24);

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
        robots.rules_.push_back(
            {NormalizePattern(line->value), line->key == "allow"});
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
  const std::string normalized = NormalizePath(path);
  const Rule* decisive = nullptr;
  for (const Rule& rule : rules_) {
    if (!MatchesPath(rule.pattern, normalized)) continue;
    if (decisive == nullptr || rule.pattern.size() > decisive->pattern.size() ||
        (rule.pattern.size() == decisive->pattern.size() && rule.allows)) {
      decisive = &rule;
    }
  }
  return decisive == nullptr || decisive->allows;
}

}  // namespace verso
