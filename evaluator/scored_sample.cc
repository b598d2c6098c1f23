#include "evaluator/scored_sample.h"

#include <cmath>
#include <unordered_map>

namespace verso {
namespace {

struct LogitSum {
  size_t sample = 0;  // Index in the result.
  double sum = 0;
  int draws = 0;
};

ScoredSample SampleOf(const ScoreRow& row) {
  return {.sample_id = row.sample_id,
          .source = row.source,
          .family = row.family,
          .generator = row.generator,
          .work = row.work.empty() ? row.sample_id : row.work,
          .label = row.label,
          .exposure = row.exposure};
}

}  // namespace

std::vector<ScoredSample> MeanOverDraws(const std::vector<ScoreRow>& scores) {
  std::vector<ScoredSample> samples;
  std::unordered_map<std::string, LogitSum> sums;
  for (const ScoreRow& row : scores) {
    if (row.degradation != "none") continue;
    const auto [entry, is_new] =
        sums.try_emplace(row.sample_id, LogitSum{.sample = samples.size()});
    if (is_new) samples.push_back(SampleOf(row));
    if (!row.logit.has_value()) continue;
    entry->second.sum += *row.logit;
    ++entry->second.draws;
  }
  for (const auto& [id, sum] : sums) {
    if (sum.draws == 0) continue;
    samples[sum.sample].probability = 1 / (1 + std::exp(-sum.sum / sum.draws));
  }
  return samples;
}

}  // namespace verso
