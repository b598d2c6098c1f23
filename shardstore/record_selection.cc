#include "shardstore/record_selection.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "shardstore/keyed_hash.h"

namespace verso {
namespace {

struct Ranked {
  int64_t turn = 0;  // Place within its style, when styles are balanced.
  bool orphan = false;
  uint64_t hash = 0;
  Candidate candidate;

  auto Key() const { return std::tie(turn, orphan, hash, candidate.id); }
};

bool ByKey(const Ranked& a, const Ranked& b) { return a.Key() < b.Key(); }

void TakeTurns(std::vector<Ranked>& ranked) {
  absl::flat_hash_map<std::string, int64_t> of_style;
  for (Ranked& r : ranked) r.turn = of_style[r.candidate.style]++;
}

}  // namespace

std::vector<Candidate> SelectRecords(
    std::vector<Candidate> candidates, int64_t count, BalanceBy balance_by,
    uint64_t seed, const absl::flat_hash_set<std::string>& chosen) {
  std::vector<Ranked> ranked;
  ranked.reserve(candidates.size());
  for (Candidate& candidate : candidates) {
    ranked.push_back({.orphan = !chosen.contains(candidate.parent),
                      .hash = KeyedHash(seed, candidate.id),
                      .candidate = std::move(candidate)});
  }
  std::sort(ranked.begin(), ranked.end(), ByKey);
  if (balance_by == BALANCE_BY_STYLE) {
    TakeTurns(ranked);
    std::sort(ranked.begin(), ranked.end(), ByKey);
  }
  const size_t taken = std::min(ranked.size(), static_cast<size_t>(count));
  std::vector<Candidate> selected;
  selected.reserve(taken);
  for (size_t i = 0; i < taken; ++i) {
    selected.push_back(std::move(ranked[i].candidate));
  }
  return selected;
}

}  // namespace verso
