#include "evaluator/confusion_matrix.h"

#include <algorithm>
#include <tuple>

namespace verso {
namespace {

// The paper's columns come first and in its order.
int RankOf(const std::string& source) {
  static const auto* const ranks = new std::map<std::string, int>{
      {"artbench", 0}, {"wga", 1}, {"lofi", 2}, {"lexica", 3}, {"dalle", 4}};
  const auto rank = ranks->find(source);
  return rank == ranks->end() ? static_cast<int>(ranks->size()) : rank->second;
}

int RankOf(Label label) {
  switch (label) {
    case LABEL_HUMAN:
      return 0;
    case LABEL_GENERATED:
      return 1;
    case LABEL_MIXED:
      return 2;
    default:
      return 3;
  }
}

bool ComesBefore(const ConfusionColumn& a, const ConfusionColumn& b) {
  return std::make_tuple(RankOf(a.label), RankOf(a.source), a.source) <
         std::make_tuple(RankOf(b.label), RankOf(b.source), b.source);
}

}  // namespace

void ConfusionMatrix::Add(const ScoredSample& sample) {
  ConfusionColumn& column = columns_[{sample.label, sample.source}];
  column.source = sample.source;
  column.label = sample.label;
  column.exposure = std::min(column.exposure, sample.exposure);
  if (!sample.family.empty()) column.families.insert(sample.family);
  if (!sample.generator.empty()) column.generators.insert(sample.generator);
  if (!sample.probability.has_value()) {
    ++column.unscored;
    return;
  }
  const bool generated = *sample.probability >= threshold_;
  ++(generated ? column.predicted_generated : column.predicted_human);
  WorkCount& work = column.works[sample.work];
  work.hits += generated;
  ++work.trials;
}

std::vector<ConfusionColumn> ConfusionMatrix::Columns() const {
  std::vector<ConfusionColumn> columns;
  for (const auto& [key, column] : columns_) columns.push_back(column);
  std::sort(columns.begin(), columns.end(), ComesBefore);
  return columns;
}

BinaryCounts ConfusionMatrix::Binary() const {
  BinaryCounts counts;
  for (const auto& [key, column] : columns_) {
    if (column.label == LABEL_HUMAN) {
      counts.tn += column.predicted_human;
      counts.fp += column.predicted_generated;
    } else if (column.label == LABEL_GENERATED) {
      counts.fn += column.predicted_human;
      counts.tp += column.predicted_generated;
    }
  }
  return counts;
}

}  // namespace verso
