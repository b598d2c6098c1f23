#ifndef VERSO_COMMON_BASE_CSV_H_
#define VERSO_COMMON_BASE_CSV_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace verso {

// CSV as in RFC 4180, with lines that end in "\n". Fields hold any bytes.

// Appends one line. A field is quoted when it holds a comma, a quote or an end
// of line.
void AppendCsvRow(absl::Span<const std::string> fields, std::string& csv);

// The rows of a text, one by one. Not thread-safe.
class CsvReader {
 public:
  // `csv` is not copied and must outlive the reader. A UTF-8 byte order mark
  // at its start, as spreadsheets write it, is no part of the first field.
  explicit CsvReader(absl::string_view csv) : rest_(csv) {
    if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);
  }

  // The fields of the next row; nullopt after the last one. Lines may end in
  // "\r\n" or "\n", the last one in neither; empty lines are skipped.
  // kDataLoss: a quoted field does not end, or is followed by something other
  // than a comma or an end of line; the line is named.
  absl::StatusOr<std::optional<std::vector<std::string>>> Next();

  // Line on which the last row began, from 1.
  int64_t line() const { return row_line_; }

 private:
  absl::StatusOr<std::string> QuotedField();
  std::string PlainField();
  bool AtLineEnd() const;
  void SkipLineEnd();
  void Advance();

  absl::string_view rest_;
  int64_t line_ = 1;      // Of rest_.
  int64_t row_line_ = 0;  // Of the last row.
};

}  // namespace verso

#endif  // VERSO_COMMON_BASE_CSV_H_
