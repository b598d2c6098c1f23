#ifndef VERSO_EVALUATOR_INTERVALS_H_
#define VERSO_EVALUATOR_INTERVALS_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"

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
// inference", JASA 22 (1927), 209-212. It counts every picture as independent.
// REQUIRES: 0 <= hits <= trials, 0 < trials.
Interval WilsonInterval(int64_t hits, int64_t trials);

// The pictures of one work.
struct WorkCount {
  int64_t hits = 0;
  int64_t trials = 0;
};

// Percentile bootstrap of the rate that draws whole works with replacement,
// 1,000 times, from a fixed seed: pictures of one work are not independent.
// B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993),
// chapter 13. The same works in the same order give the same interval.
// nullopt: all works have the same rate (or there are none, or one): drawing
// them again says nothing about its spread. REQUIRES: each has trials.
std::optional<Interval> BootstrapByWork(absl::Span<const WorkCount> works);

}  // namespace verso

#endif  // VERSO_EVALUATOR_INTERVALS_H_
