#ifndef VERSO_INGEST_SCRAPERS_JSON_H_
#define VERSO_INGEST_SCRAPERS_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/byte_stream.h"

namespace verso {

// The JSON text of a response. kInvalidArgument (counted as "html" or "not
// JSON") when it is something else; errors of `stream`.
absl::StatusOr<nlohmann::json> ReadJson(ByteStream& stream);
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text);

// A member of an object by type, never throwing: empty, 0 or false when it is
// absent, null or of another type. Numbers come as text too (seeds do).
std::string TextOf(const nlohmann::json& object, const char* key);
double NumberOf(const nlohmann::json& object, const char* key);
bool BoolOf(const nlohmann::json& object, const char* key);

// The array `key` of an object; an empty one when there is none.
const nlohmann::json& ArrayOf(const nlohmann::json& object, const char* key);

// True for ids that may stand in a path of a URL: 1 to 200 letters, digits,
// "-" and "_". Sites are hostile: an id is not a path.
bool IsPlainId(absl::string_view id);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_JSON_H_
