#include "common/claims/a1111_parameters.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/claims/claim_values.h"

namespace verso {
namespace {

constexpr absl::string_view kSteps = "Steps: ";
constexpr absl::string_view kNegative = "Negative prompt:";

using Values = std::map<std::string, std::string>;

// Where "Steps: " begins in a line, at its start or behind a space.
size_t FindSteps(absl::string_view line) {
  for (size_t at = line.find(kSteps); at != absl::string_view::npos;
       at = line.find(kSteps, at + 1)) {
    if (at == 0 || line[at - 1] == ' ') return at;
  }
  return absl::string_view::npos;
}

// Takes a value off the line: up to the next comma, or a JSON string.
std::string TakeValue(absl::string_view& line) {
  if (absl::StartsWith(line, "\"")) {
    size_t end = 1;
    while (end < line.size() && line[end] != '"') {
      end += line[end] == '\\' ? 2 : 1;
    }
    if (end < line.size()) {
      const absl::string_view quoted = line.substr(0, end + 1);
      const auto text =
          nlohmann::json::parse(quoted.begin(), quoted.end(), nullptr, false);
      if (text.is_string()) {
        line.remove_prefix(quoted.size());
        line.remove_prefix(std::min(line.find(','), line.size()));
        return text.get<std::string>();
      }
    }
  }
  const absl::string_view value = line.substr(0, line.find(','));
  line.remove_prefix(value.size());
  return std::string(absl::StripAsciiWhitespace(value));
}

// "Key: value, Key: value, ..."; the first of equal keys counts.
Values ReadValues(absl::string_view line) {
  constexpr size_t kMaxValues = 200;
  Values values;
  while (!line.empty() && values.size() < kMaxValues) {
    const size_t colon = line.find(':');
    const size_t comma = line.find(',');
    if (colon < comma) {
      std::string key(absl::StripAsciiWhitespace(line.substr(0, colon)));
      line.remove_prefix(colon + 1);
      line = absl::StripLeadingAsciiWhitespace(line);
      values.emplace(std::move(key), TakeValue(line));
    } else {
      line.remove_prefix(std::min(comma, line.size()));
    }
    absl::ConsumePrefix(&line, ",");
  }
  return values;
}

std::string ValueOf(const Values& values, const char* key) {
  const auto it = values.find(key);
  return it == values.end() ? "" : CutText(it->second, kMaxClaimBytes);
}

double NumberOf(const Values& values, const char* key) {
  double number = 0;
  return absl::SimpleAtod(ValueOf(values, key), &number) ? number : -1;
}

void TakeSize(const std::string& size, EmbeddedClaims& claims) {
  const std::pair<std::string, std::string> sides =
      absl::StrSplit(size, absl::MaxSplits('x', 1));
  int width = 0, height = 0;
  if (absl::SimpleAtoi(sides.first, &width) &&
      absl::SimpleAtoi(sides.second, &height)) {
    SetGeneratedSize(width, height, claims);
  }
}

// Lines of prompt, then lines of the negative one.
void TakePrompts(absl::string_view text, Generator& generator) {
  absl::string_view prompt = text;
  absl::string_view negative;
  for (size_t line = 0; line < text.size();) {
    const absl::string_view rest = text.substr(line);
    if (absl::StartsWith(rest, kNegative)) {
      prompt = text.substr(0, line);
      negative = rest.substr(kNegative.size());
      break;
    }
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos) break;
    line += end + 1;
  }
  generator.set_prompt(CutText(prompt, kMaxPromptBytes));
  generator.set_negative_prompt(CutText(negative, kMaxPromptBytes));
}

}  // namespace

bool TakeA1111Parameters(absl::string_view text, EmbeddedClaims& claims) {
  text = absl::StripAsciiWhitespace(text);
  const size_t last_end = text.rfind('\n');
  const size_t last = last_end == absl::string_view::npos ? 0 : last_end + 1;
  const size_t steps = FindSteps(text.substr(last));
  if (steps == absl::string_view::npos) return false;
  const Values values = ReadValues(text.substr(last + steps));
  EmbeddedClaims found = claims;
  found.clear_generator();
  found.clear_generated_width();
  found.clear_generated_height();
  Generator& generator = *found.mutable_generator();
  SetSteps(NumberOf(values, "Steps"), generator);
  SetGuidance(NumberOf(values, "CFG scale"), generator);
  SetSeed(ValueOf(values, "Seed"), generator);
  generator.set_sampler(ValueOf(values, "Sampler"));
  generator.set_name(ValueOf(values, "Model"));
  generator.set_version(ValueOf(values, "Model hash"));
  TakeSize(ValueOf(values, "Size"), found);
  const bool has_more = !generator.sampler().empty() ||
                        !generator.seed().empty() ||
                        !generator.name().empty() || generator.guidance() > 0 ||
                        found.generated_width() > 0;
  if (generator.steps() == 0 || !has_more) return false;
  absl::string_view prompts =
      absl::StripTrailingAsciiWhitespace(text.substr(0, last + steps));
  if (steps > 0) absl::ConsumeSuffix(&prompts, ",");
  TakePrompts(prompts, generator);
  found.set_parameters_format("a1111");
  found.set_program_version(ValueOf(values, "Version"));
  claims = std::move(found);
  return true;
}

}  // namespace verso
