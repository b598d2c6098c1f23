#include "common/http/consent_signals.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace verso {
namespace {

// Directives that have a value themselves; other words before a colon name a
// crawler.
bool HasValue(absl::string_view directive) {
  for (const absl::string_view name :
       {"unavailable_after", "max-snippet", "max-image-preview",
        "max-video-preview"}) {
    if (absl::EqualsIgnoreCase(directive, name)) return true;
  }
  return false;
}

// The word of one header line that forbids; empty: none. A crawler's name is
// for all that follows it in its line.
std::string ForbiddenByRobotsTag(absl::string_view line,
                                 absl::string_view product_token) {
  bool for_us = true;
  for (absl::string_view part : absl::StrSplit(line, ',')) {
    part = absl::StripAsciiWhitespace(part);
    const size_t colon = part.find(':');
    if (colon != absl::string_view::npos) {
      const absl::string_view name =
          absl::StripAsciiWhitespace(part.substr(0, colon));
      if (HasValue(name)) continue;
      for_us = absl::EqualsIgnoreCase(name, product_token);
      part = absl::StripAsciiWhitespace(part.substr(colon + 1));
    }
    if (for_us && ForbidsTraining(part)) return absl::AsciiStrToLower(part);
  }
  return "";
}

std::string ForbiddenByUsage(absl::string_view line) {
  for (const absl::string_view part : absl::StrSplit(line, ',')) {
    const std::vector<absl::string_view> pair =
        absl::StrSplit(part.substr(0, part.find(';')), '=');
    if (pair.size() == 2 &&
        absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(pair[0]),
                               "train-ai") &&
        absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(pair[1]), "n")) {
      return "content-usage";
    }
  }
  return "";
}

std::string Forbidden(absl::string_view name, absl::string_view line,
                      absl::string_view product_token) {
  if (name == "x-robots-tag") return ForbiddenByRobotsTag(line, product_token);
  if (name == "content-usage") return ForbiddenByUsage(line);
  return absl::StripAsciiWhitespace(line) == "1" ? std::string(name) : "";
}

}  // namespace

bool ForbidsTraining(absl::string_view directive) {
  return absl::EqualsIgnoreCase(directive, "noai") ||
         absl::EqualsIgnoreCase(directive, "noimageai");
}

ConsentSignals ReadConsentSignals(const HttpHead& head,
                                  absl::string_view product_token) {
  ConsentSignals signals;
  for (const absl::string_view name :
       {"x-robots-tag", "tdm-reservation", "content-usage"}) {
    const std::string lines = head.Header(name);
    for (const absl::string_view line :
         absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
      signals.seen.push_back(absl::StrCat(name, ": ", line));
      if (signals.refusal.empty()) {
        signals.refusal = Forbidden(name, line, product_token);
      }
    }
  }
  return signals;
}

}  // namespace verso
