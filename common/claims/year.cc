#include "common/claims/year.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace verso {

int YearOf(absl::string_view date) {
  for (size_t i = 0; i < date.size(); ++i) {
    size_t end = i;
    while (end < date.size() && absl::ascii_isdigit(date[end])) ++end;
    int year = 0;
    if (end - i == 4 && absl::SimpleAtoi(date.substr(i, 4), &year) &&
        year >= 1000 && year < 3000) {
      return year;
    }
    i = std::max(i, end);
  }
  return 0;
}

}  // namespace verso
