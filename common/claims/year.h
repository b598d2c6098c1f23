#ifndef VERSO_COMMON_CLAIMS_YEAR_H_
#define VERSO_COMMON_CLAIMS_YEAR_H_

#include "absl/strings/string_view.h"

namespace verso {

// Pictures of this year or later may show generated art.
inline constexpr int kGeneratedArtYear = 2022;

// The first year from 1000 to 2999 in a date as sources write it ("1467-68",
// "c. 1503"); 0 when there is none.
int YearOf(absl::string_view date);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_YEAR_H_
