#ifndef VERSO_EVALUATOR_CSV_TABLE_H_
#define VERSO_EVALUATOR_CSV_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/csv.h"

namespace verso {

// A CSV text with a header line, read row by row; cells are found by the name
// of their column. Not thread-safe.
class CsvTable {
 public:
  // `csv` is not copied and must outlive the table.
  // kDataLoss: no header line, or a column has no name or comes twice.
  static absl::StatusOr<CsvTable> Open(absl::string_view csv);

  bool HasColumn(absl::string_view name) const;

  // Moves to the next row; false after the last one.
  // kDataLoss: malformed, or a row with more or fewer cells than the header.
  absl::StatusOr<bool> Next();

  // A cell of this row. REQUIRES: HasColumn(name), Next() returned true.
  const std::string& Cell(absl::string_view name) const;

  int64_t line() const { return reader_.line(); }

 private:
  explicit CsvTable(absl::string_view csv) : reader_(csv) {}

  CsvReader reader_;
  std::map<std::string, size_t> columns_;
  std::vector<std::string> row_;
};

}  // namespace verso

#endif  // VERSO_EVALUATOR_CSV_TABLE_H_
