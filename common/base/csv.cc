#include "common/base/csv.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// A line of one empty field would be an empty line, which readers skip.
bool NeedsQuotes(absl::string_view field, bool alone) {
  return (alone && field.empty()) ||
         field.find_first_of(",\"\r\n") != absl::string_view::npos;
}

}  // namespace

void AppendCsvRow(absl::Span<const std::string> fields, std::string& csv) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) csv.push_back(',');
    if (NeedsQuotes(fields[i], fields.size() == 1)) {
      absl::StrAppend(&csv, "\"",
                      absl::StrReplaceAll(fields[i], {{"\"", "\"\""}}), "\"");
    } else {
      csv.append(fields[i]);
    }
  }
  csv.push_back('\n');
}

absl::StatusOr<std::optional<std::vector<std::string>>> CsvReader::Next() {
  while (!rest_.empty() && AtLineEnd()) SkipLineEnd();
  if (rest_.empty()) return std::nullopt;
  row_line_ = line_;
  std::vector<std::string> fields;
  while (true) {
    if (absl::StartsWith(rest_, "\"")) {
      ASSIGN_OR_RETURN(std::string field, QuotedField());
      fields.push_back(std::move(field));
    } else {
      fields.push_back(PlainField());
    }
    if (!absl::StartsWith(rest_, ",")) break;
    Advance();
  }
  SkipLineEnd();
  return fields;
}

absl::StatusOr<std::string> CsvReader::QuotedField() {
  std::string field;
  Advance();  // The opening quote.
  while (!rest_.empty()) {
    if (absl::StartsWith(rest_, "\"\"")) {
      Advance();
    } else if (rest_[0] == '"') {
      Advance();
      if (rest_.empty() || rest_[0] == ',' || AtLineEnd()) return field;
      return absl::DataLossError(
          absl::StrCat("line ", line_, ": a closing quote must end the field"));
    }
    field.push_back(rest_[0]);
    Advance();
  }
  return absl::DataLossError(
      absl::StrCat("line ", row_line_, ": a quoted field does not end"));
}

std::string CsvReader::PlainField() {
  std::string field;
  while (!rest_.empty() && rest_[0] != ',' && !AtLineEnd()) {
    field.push_back(rest_[0]);
    Advance();
  }
  return field;
}

bool CsvReader::AtLineEnd() const {
  return absl::StartsWith(rest_, "\n") || absl::StartsWith(rest_, "\r\n");
}

void CsvReader::SkipLineEnd() {
  if (absl::StartsWith(rest_, "\r\n")) Advance();
  if (!rest_.empty()) Advance();
}

void CsvReader::Advance() {
  if (rest_[0] == '\n') ++line_;
  rest_.remove_prefix(1);
}

}  // namespace verso
