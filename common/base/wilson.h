#ifndef VERSO_COMMON_BASE_WILSON_H_
#define VERSO_COMMON_BASE_WILSON_H_

#include <cstdint>

namespace verso {

// A 95 % confidence interval of a rate, both ends in [0, 1].
struct Interval {
  double low = 0;
  double high = 1;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// Wilson's score interval of `hits` in `trials`, z = 1.959964:
//   (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
// E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", JASA 22 (1927), 209-212. It counts every trial as independent.
// REQUIRES: 0 <= hits <= trials, 0 < trials.
Interval WilsonInterval(int64_t hits, int64_t trials);

}  // namespace verso

#endif  // VERSO_COMMON_BASE_WILSON_H_
