#include "ingest/import/path_rules.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "ingest/import/provenance_field.h"

namespace verso {
namespace {

// `text` with each "$name" as `value` gives it, and "$" for "$$".
std::string Substitute(
    const std::string& text,
    const std::function<std::string(const std::string&)>& value) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      result.push_back(text[i]);
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() &&
           (absl::ascii_isalnum(text[end]) || text[end] == '_')) {
      ++end;
    }
    if (end == i + 1) {  // "$$", or a "$" that names nothing.
      result.push_back('$');
      if (end < text.size() && text[end] == '$') ++i;
      continue;
    }
    result += value(text.substr(i + 1, end - i - 1));
    i = end - 1;
  }
  return result;
}

absl::Status CheckGroups(const std::map<std::string, int>& groups,
                         Provenance set, const std::string& field) {
  absl::Status status;
  const auto check = [&](const std::string& name) {
    if (!groups.contains(name)) {
      status.Update(absl::InvalidArgumentError(
          absl::StrCat(field, ".set speaks of $", name,
                       ", but its path has no group (?P<", name, ">...)")));
    }
    return std::string();
  };
  ReplaceTexts([&](const std::string& text) { return Substitute(text, check); },
               set);
  return status;
}

// What each group matched, the whole match first; nullopt: no match.
std::optional<std::vector<std::string>> MatchGroups(const RE2& pattern,
                                                    const std::string& path) {
  std::vector<re2::StringPiece> groups(pattern.NumberOfCapturingGroups() + 1);
  if (!pattern.Match(path, 0, path.size(), RE2::ANCHOR_BOTH, groups.data(),
                     static_cast<int>(groups.size()))) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const re2::StringPiece& group : groups) {
    texts.emplace_back(group.data() == nullptr ? "" : group.as_string());
  }
  return texts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern,
                                                    const std::string& field) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto compiled = std::make_unique<RE2>(pattern, options);
  if (compiled->ok()) return compiled;
  return absl::InvalidArgumentError(absl::StrCat(
      field, " \"", pattern, "\" is no pattern: ", compiled->error()));
}

absl::StatusOr<PathRules> PathRules::Compile(const ImportRecipe& recipe) {
  PathRules compiled;
  for (int i = 0; i < recipe.rule_size(); ++i) {
    const PathRule& rule = recipe.rule(i);
    const std::string field = absl::StrCat("rule[", i, "]");
    const absl::Status tellable = CheckTellable(rule.set());
    if (!tellable.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ".set: ", tellable.message()));
    }
    Rule& added = compiled.rules_.emplace_back();
    added.set = rule.set();
    if (added.set.label() != LABEL_UNKNOWN &&
        added.set.label_evidence() == LABEL_EVIDENCE_UNKNOWN) {
      added.set.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
    }
    std::map<std::string, int> groups;
    if (!rule.path().empty()) {
      ASSIGN_OR_RETURN(added.path,
                       CompilePattern(rule.path(), field + ".path"));
      groups = added.path->NamedCapturingGroups();
    }
    RETURN_IF_ERROR(CheckGroups(groups, added.set, field));
  }
  return compiled;
}

std::optional<Provenance> PathRules::Apply(const std::string& path) const {
  Provenance known;
  bool matched = rules_.empty();
  for (const Rule& rule : rules_) {
    std::vector<std::string> texts;
    if (rule.path != nullptr) {
      auto groups = MatchGroups(*rule.path, path);
      if (!groups) continue;
      texts = *std::move(groups);
    }
    matched = true;
    Provenance set = rule.set;
    ReplaceTexts(
        [&](const std::string& text) {
          return Substitute(text, [&](const std::string& name) {
            return texts[rule.path->NamedCapturingGroups().at(name)];
          });
        },
        set);
    MergeProvenance(set, known);
  }
  if (!matched) return std::nullopt;
  return known;
}

}  // namespace verso
