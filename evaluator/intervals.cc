#include "evaluator/intervals.h"

#include <algorithm>
#include <vector>

namespace verso {
namespace {

constexpr int kDraws = 1000;
constexpr uint64_t kSeed = 0x5eed;

// SplitMix64 (G. L. Steele et al., OOPSLA 2014): the standard library's
// distributions differ between compilers, and reports must not.
class Random {
 public:
  // In [0, n).
  size_t Below(size_t n) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    return static_cast<size_t>((static_cast<unsigned __int128>(z) * n) >> 64);
  }

 private:
  uint64_t state_ = kSeed;
};

double ResampledRate(absl::Span<const WorkCount> works, Random& random) {
  WorkCount sum;
  for (size_t i = 0; i < works.size(); ++i) {
    const WorkCount& work = works[random.Below(works.size())];
    sum.hits += work.hits;
    sum.trials += work.trials;
  }
  return static_cast<double>(sum.hits) / static_cast<double>(sum.trials);
}

}  // namespace

std::optional<Interval> BootstrapByWork(absl::Span<const WorkCount> works) {
  const auto differs = [&](const WorkCount& work) {
    return work.hits * works[0].trials != works[0].hits * work.trials;
  };
  if (std::none_of(works.begin(), works.end(), differs)) return std::nullopt;
  Random random;
  std::vector<double> rates(kDraws);
  for (double& rate : rates) rate = ResampledRate(works, random);
  std::sort(rates.begin(), rates.end());
  return Interval{.low = rates[kDraws * 25 / 1000],
                  .high = rates[kDraws * 975 / 1000 - 1]};
}

}  // namespace verso
