#include "ingest/scrapers/semicolon_csv.h"

#include "absl/strings/match.h"

namespace verso {
namespace {

// The quoted field at the start of `rest`, which is moved behind it; false
// when its quotes do not end where a field does.
bool TakeQuoted(absl::string_view& rest, std::string& field) {
  std::string text;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      text.push_back(rest[i]);
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      text.push_back('"');
      ++i;
    } else if (i + 1 == rest.size() || rest[i + 1] == ';') {
      field = text;
      rest.remove_prefix(i + 1);
      return true;
    } else {
      return false;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> SplitSemicolonLine(absl::string_view line) {
  std::vector<std::string> fields;
  while (true) {
    std::string field;
    if (!absl::StartsWith(line, "\"") || !TakeQuoted(line, field)) {
      const size_t end = std::min(line.find(';'), line.size());
      field = std::string(line.substr(0, end));
      line.remove_prefix(end);
    }
    fields.push_back(std::move(field));
    if (line.empty()) return fields;
    line.remove_prefix(1);  // The ";".
  }
}

}  // namespace verso
