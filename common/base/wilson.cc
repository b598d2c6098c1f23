#include "common/base/wilson.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace verso {

Interval WilsonInterval(int64_t hits, int64_t trials) {
  VERSO_CHECK(0 <= hits && hits <= trials && 0 < trials);
  constexpr double kZ = 1.959963984540054;  // Normal quantile of 0.975.
  constexpr double kZ2 = kZ * kZ;
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(hits) / n;
  const double centre = p + kZ2 / (2 * n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ2 / (4 * n * n));
  const double scale = 1 + kZ2 / n;
  // Exact ends: rounding would leave 1e-17 where the formula gives 0.
  return {.low = hits == 0 ? 0 : std::max(0.0, (centre - half) / scale),
          .high = hits == trials ? 1 : std::min(1.0, (centre + half) / scale)};
}

}  // namespace verso
