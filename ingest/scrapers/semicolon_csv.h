#ifndef VERSO_INGEST_SCRAPERS_SEMICOLON_CSV_H_
#define VERSO_INGEST_SCRAPERS_SEMICOLON_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace verso {

// The fields of one line of WGA's catalogue: parted by ";", a field in quotes
// may hold ";" and doubled quotes. Quotes elsewhere are text, since titles hold
// them unescaped. Lenient by line, so that one bad line costs one row.
std::vector<std::string> SplitSemicolonLine(absl::string_view line);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_SEMICOLON_CSV_H_
