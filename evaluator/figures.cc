#include "evaluator/figures.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/wilson.h"
#include "evaluator/auroc.h"
#include "evaluator/scored_sample.h"

namespace verso {
namespace {

SourceFigures FiguresOf(const ConfusionColumn& column,
                        const std::map<std::string, std::string>& stand_ins) {
  SourceFigures figures = {.source = column.source,
                           .label = column.label,
                           .generator = absl::StrJoin(column.generators, "; "),
                           .family = absl::StrJoin(column.families, "; "),
                           .exposure = column.exposure,
                           .n = column.n(),
                           .n_works = static_cast<int64_t>(column.works.size()),
                           .predicted_human = column.predicted_human,
                           .predicted_generated = column.predicted_generated,
                           .unscored = column.unscored};
  if (const auto it = stand_ins.find(column.source); it != stand_ins.end()) {
    figures.stand_in = it->second;
  }
  if (figures.n_works < kMinWorks) return figures;
  figures.rate_generated = static_cast<double>(figures.predicted_generated) /
                           static_cast<double>(figures.n);
  figures.wilson = WilsonInterval(figures.predicted_generated, figures.n);
  std::vector<WorkCount> works;
  for (const auto& [work, count] : column.works) works.push_back(count);
  figures.by_work = BootstrapByWork(works);
  return figures;
}

bool HasEnoughWorks(const std::vector<SourceFigures>& sources, Label label) {
  int64_t works = 0;
  for (const SourceFigures& source : sources) {
    if (source.label == label) works += source.n_works;
  }
  return works >= kMinWorks;
}

bool BothClassesHaveEnough(const std::vector<SourceFigures>& sources) {
  return HasEnoughWorks(sources, LABEL_HUMAN) &&
         HasEnoughWorks(sources, LABEL_GENERATED);
}

double BalancedAccuracy(const BinaryCounts& c) {
  const double specificity =
      static_cast<double>(c.tn) / static_cast<double>(c.tn + c.fp);
  const double recall =
      static_cast<double>(c.tp) / static_cast<double>(c.tp + c.fn);
  return (specificity + recall) / 2;
}

// The source of a class with the largest share of wrong predictions; the first
// of equals.
std::string WorstOf(const std::vector<SourceFigures>& sources, Label label) {
  std::string worst;
  double largest = -1;
  for (const SourceFigures& source : sources) {
    if (source.label != label || !source.rate_generated.has_value()) continue;
    const double wrong = label == LABEL_HUMAN ? *source.rate_generated
                                              : 1 - *source.rate_generated;
    if (wrong <= largest) continue;
    largest = wrong;
    worst = source.source;
  }
  return worst;
}

ThresholdFigures FiguresAt(
    double threshold, const std::vector<ScoredSample>& samples,
    const std::map<std::string, std::string>& stand_ins) {
  ConfusionMatrix matrix(threshold);
  for (const ScoredSample& sample : samples) matrix.Add(sample);
  ThresholdFigures figures = {.threshold = threshold,
                              .binary = matrix.Binary()};
  for (const ConfusionColumn& column : matrix.Columns()) {
    figures.sources.push_back(FiguresOf(column, stand_ins));
  }
  if (BothClassesHaveEnough(figures.sources)) {
    figures.balanced_accuracy = BalancedAccuracy(figures.binary);
  }
  figures.worst_human = WorstOf(figures.sources, LABEL_HUMAN);
  figures.worst_generated = WorstOf(figures.sources, LABEL_GENERATED);
  return figures;
}

double PooledAuroc(const std::vector<ScoredSample>& samples) {
  std::vector<double> human;
  std::vector<double> generated;
  for (const ScoredSample& sample : samples) {
    if (!sample.probability.has_value()) continue;
    if (sample.label == LABEL_HUMAN) human.push_back(*sample.probability);
    if (sample.label == LABEL_GENERATED) {
      generated.push_back(*sample.probability);
    }
  }
  return Auroc(std::move(human), std::move(generated));
}

}  // namespace

std::map<std::string, std::string> StandInsOf(
    const std::vector<SampleRow>& samples) {
  std::map<std::string, std::set<std::string>> kinds;
  for (const SampleRow& sample : samples) {
    kinds[sample.source].insert(sample.stand_in);
  }
  std::map<std::string, std::string> stand_ins;
  for (auto& [source, kind] : kinds) {
    const bool partly = kind.erase("") > 0;
    if (kind.empty()) continue;
    stand_ins[source] =
        absl::StrCat(partly ? "partly " : "", absl::StrJoin(kind, " and "));
  }
  return stand_ins;
}

Figures ComputeFigures(const std::vector<ScoreRow>& scores, double threshold,
                       const std::map<std::string, std::string>& stand_ins) {
  const std::vector<ScoredSample> samples = MeanOverDraws(scores);
  Figures figures = {.frozen = FiguresAt(threshold, samples, stand_ins),
                     .half = FiguresAt(0.5, samples, stand_ins)};
  if (BothClassesHaveEnough(figures.frozen.sources)) {
    figures.auroc = PooledAuroc(samples);
  }
  return figures;
}

}  // namespace verso
