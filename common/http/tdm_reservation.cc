#include "common/http/tdm_reservation.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/http/path_pattern.h"

namespace verso {
namespace {

using nlohmann::json;

// The array, its rules, and their members.
constexpr int kMaxDepth = 2;

std::optional<bool> ReadReservation(const json& value) {
  if (value == 1 || value == "1" || value == true) return true;
  if (value == 0 || value == "0" || value == false) return false;
  return std::nullopt;
}

std::string TextOf(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

std::optional<TdmReservations::Rule> ReadRule(const json& object) {
  if (!object.is_object()) return std::nullopt;
  const std::string location = TextOf(object, "location");
  const auto value = object.find("tdm-reservation");
  if (location.empty() || value == object.end()) return std::nullopt;
  const std::optional<bool> reserved = ReadReservation(*value);
  if (!reserved) return std::nullopt;
  return TdmReservations::Rule{NormalizePattern(location), *reserved,
                               TextOf(object, "tdm-policy")};
}

}  // namespace

TdmReservations TdmReservations::Parse(absl::string_view text) {
  TdmReservations result;
  if (text.size() > kMaxBytes) return result;
  // What is nested deeper is dropped before it takes memory.
  const auto keep = [](int depth, json::parse_event_t, json&) {
    return depth <= kMaxDepth;
  };
  const json rules = json::parse(text.begin(), text.end(), keep,
                                 /*allow_exceptions=*/false);
  if (!rules.is_array()) return result;
  for (const json& object : rules) {
    std::optional<Rule> rule = ReadRule(object);
    if (rule) result.rules_.push_back(*std::move(rule));
  }
  return result;
}

const TdmReservations::Rule* TdmReservations::Find(
    absl::string_view path) const {
  const std::string normalized = NormalizePath(path);
  for (const Rule& rule : rules_) {
    if (MatchesPath(rule.pattern, normalized)) return &rule;
  }
  return nullptr;
}

bool TdmReservations::Forbids(absl::string_view path) const {
  const Rule* const rule = Find(path);
  return rule != nullptr && rule->reserved;
}

}  // namespace verso
