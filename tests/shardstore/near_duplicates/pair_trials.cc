#include "tests/shardstore/near_duplicates/pair_trials.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/check.h"
#include "common/base/on_all_cores.h"
#include "common/base/wilson.h"
#include "common/image/perceptual_hash.h"
#include "shardstore/near_duplicates/candidate_pairs.h"
#include "shardstore/near_duplicates/picture_sketch.h"
#include "tests/gallery/drawing/random.h"
#include "tests/shardstore/near_duplicates/alterations.h"
#include "tests/shardstore/near_duplicates/drawn_works.h"

namespace verso::testing {
namespace {

PictureSketch SketchOf(const Image& image) {
  absl::StatusOr<PictureSketch> sketch = MakeSketch(image);
  VERSO_CHECK(sketch.ok());
  return *std::move(sketch);
}

PictureKeys KeysOf(const Image& image) {
  return {.look = ParseLook(PerceptualHash(image))};
}

std::string RateText(int64_t hits, int64_t trials) {
  if (trials == 0) return "-";
  const Interval interval = WilsonInterval(hits, trials);
  return absl::StrFormat("%.4f [%.4f, %.4f]",
                         static_cast<double>(hits) / trials, interval.low,
                         interval.high);
}

void AppendKinds(const std::map<std::string, TrialCounts>& counts,
                 absl::string_view title, std::string& text) {
  absl::StrAppendFormat(&text, "%-18s %6s  %-26s %s\n", title, "pairs",
                        "linked by pixels", "by hash and pixels");
  for (const auto& [kind, count] : counts) {
    absl::StrAppendFormat(&text, "%-18s %6d  %-26s %s\n", kind, count.pairs,
                          RateText(count.linked, count.pairs),
                          RateText(count.linked_candidates, count.pairs));
  }
}

}  // namespace

PairTrial TryPair(absl::string_view kind, bool is_same, const Image& first,
                  const Image& second) {
  PairTrial trial;
  trial.kind = std::string(kind);
  trial.is_same = is_same;
  trial.match = ComparePictures(SketchOf(first), SketchOf(second));
  trial.is_candidate =
      !FindCandidates({KeysOf(first), KeysOf(second)}).pairs.empty();
  return trial;
}

std::vector<PairTrial> TryAlterations(const Image& picture, uint64_t seed) {
  std::vector<PairTrial> trials;
  for (const Alteration& alteration : Alterations()) {
    Random random(SeedFor(seed, alteration.name));
    trials.push_back(TryPair(alteration.name, true, picture,
                             alteration.apply(picture, random)));
    trials.back().is_detail = alteration.is_detail;
  }
  return trials;
}

std::vector<PairTrial> TryDrawnWork(uint64_t seed) {
  const DrawnWork work = DrawWork(seed);
  Random random(seed);
  std::vector<PairTrial> trials = TryAlterations(work.picture, seed);
  const auto differ = [&](absl::string_view kind, const Image& image) {
    trials.push_back(TryPair(kind, false, work.picture, image));
  };
  differ("repainted", work.repainted);
  differ("repainted_saved", SavedAsJpeg(work.repainted, 50));
  differ("version", work.version);
  differ("version_crop",
         CroppedTo(work.version, random.Uniform(0.5f, 0.95f), random));
  differ("sibling", work.sibling);
  differ("mirrored", Mirrored(work.picture));
  differ("unrelated", DrawPicture(seed + 1'000'003));
  return trials;
}

std::vector<PairTrial> TryDrawnWorks(const std::vector<uint64_t>& seeds) {
  std::vector<std::vector<PairTrial>> of_seed(seeds.size());
  OnAllCores(seeds.size(),
             [&](size_t i) { of_seed[i] = TryDrawnWork(seeds[i]); });
  std::vector<PairTrial> trials;
  for (std::vector<PairTrial>& some : of_seed) {
    std::move(some.begin(), some.end(), std::back_inserter(trials));
  }
  return trials;
}

std::map<std::string, TrialCounts> CountTrials(
    const std::vector<PairTrial>& trials, bool is_same) {
  std::map<std::string, TrialCounts> counts;
  for (const PairTrial& trial : trials) {
    if (trial.is_same != is_same) continue;
    TrialCounts& count = counts[trial.kind];
    ++count.pairs;
    if (!trial.is_linked()) continue;
    ++count.linked;
    if (trial.is_candidate) ++count.linked_candidates;
    if (trial.is_detail &&
        trial.match.relation == PictureRelation::kSecondIsDetail) {
      ++count.right_details;
    }
  }
  return counts;
}

TrialCounts SumOf(const std::map<std::string, TrialCounts>& counts) {
  TrialCounts sum;
  for (const auto& [kind, count] : counts) {
    sum.pairs += count.pairs;
    sum.linked += count.linked;
    sum.linked_candidates += count.linked_candidates;
    sum.right_details += count.right_details;
  }
  return sum;
}

std::string TrialTable(const std::vector<PairTrial>& trials) {
  const auto same = CountTrials(trials, true);
  const auto different = CountTrials(trials, false);
  std::string text;
  AppendKinds(same, "one picture", text);
  if (!different.empty()) AppendKinds(different, "look-alikes", text);
  const TrialCounts right = SumOf(same);
  const TrialCounts wrong = SumOf(different);
  absl::StrAppend(
      &text, "recall by pixels     ", RateText(right.linked, right.pairs), "\n",
      "recall of the chain  ", RateText(right.linked_candidates, right.pairs),
      "\n", "precision by pixels  ",
      RateText(right.linked, right.linked + wrong.linked), "\n");
  return text;
}

}  // namespace verso::testing
