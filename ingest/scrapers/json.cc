#include "ingest/scrapers/json.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "ingest/scraper.h"

namespace verso {
namespace {

using nlohmann::json;

constexpr int64_t kMaxJsonBytes = 64 << 20;  // A generated picture in base64.

const json& MemberOf(const json& object, const char* key) {
  static const json* const null = new json();
  if (!object.is_object()) return *null;
  const auto it = object.find(key);
  return it == object.end() ? *null : *it;
}

}  // namespace

absl::StatusOr<json> ReadJson(ByteStream& stream) {
  ASSIGN_OR_RETURN(const std::string text, ReadAll(stream, kMaxJsonBytes));
  return ParseJson(text);
}

absl::StatusOr<json> ParseJson(absl::string_view text) {
  json value = json::parse(text.begin(), text.end(), nullptr,
                           /*allow_exceptions=*/false);
  if (!value.is_discarded()) return value;
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "<")) {
    return Malformed("html", "the site answered with a web page, not JSON");
  }
  return Malformed("not JSON", "the site's answer is not JSON");
}

std::string TextOf(const json& object, const char* key) {
  const json& value = MemberOf(object, key);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  return "";
}

double NumberOf(const json& object, const char* key) {
  const json& value = MemberOf(object, key);
  return value.is_number() ? value.get<double>() : 0;
}

bool BoolOf(const json& object, const char* key) {
  const json& value = MemberOf(object, key);
  return value.is_boolean() && value.get<bool>();
}

const json& ArrayOf(const json& object, const char* key) {
  static const json* const empty = new json(json::array());
  const json& value = MemberOf(object, key);
  return value.is_array() ? value : *empty;
}

bool IsPlainId(absl::string_view id) {
  return !id.empty() && id.size() <= 200 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

}  // namespace verso
