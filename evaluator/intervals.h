#ifndef VERSO_EVALUATOR_INTERVALS_H_
#define VERSO_EVALUATOR_INTERVALS_H_

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "common/base/wilson.h"

namespace verso {

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
