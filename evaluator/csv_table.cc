#include "evaluator/csv_table.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"

namespace verso {

absl::StatusOr<CsvTable> CsvTable::Open(absl::string_view csv) {
  CsvTable table(csv);
  ASSIGN_OR_RETURN(const auto header, table.reader_.Next());
  if (!header.has_value()) return absl::DataLossError("no header line");
  for (size_t i = 0; i < header->size(); ++i) {
    const std::string& name = (*header)[i];
    if (name.empty() || !table.columns_.emplace(name, i).second) {
      return absl::DataLossError(
          absl::StrCat("line 1: column ", i + 1, " (\"", name,
                       "\") must have a name that no other column has"));
    }
  }
  return table;
}

bool CsvTable::HasColumn(absl::string_view name) const {
  return columns_.contains(std::string(name));
}

absl::StatusOr<bool> CsvTable::Next() {
  ASSIGN_OR_RETURN(auto row, reader_.Next());
  if (!row.has_value()) return false;
  if (row->size() != columns_.size()) {
    return absl::DataLossError(absl::StrCat("line ", line(), ": ", row->size(),
                                            " cells, but the header has ",
                                            columns_.size()));
  }
  row_ = std::move(*row);
  return true;
}

const std::string& CsvTable::Cell(absl::string_view name) const {
  const auto column = columns_.find(std::string(name));
  VERSO_CHECK(column != columns_.end() && column->second < row_.size());
  return row_[column->second];
}

}  // namespace verso
