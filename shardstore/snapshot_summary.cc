#include "shardstore/snapshot_summary.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "shardstore/preparation.h"

namespace verso {

void SnapshotSummary::Add(const PlannedSample& sample,
                          absl::string_view stand_in) {
  Cell& cell = cells_[{sample.source, sample.split}];
  ++cell.samples;
  cell.works.insert(sample.work);
  if (stand_in_.empty()) stand_in_ = std::string(stand_in);
}

bool SnapshotSummary::HasSamples(int source) const {
  const auto first = cells_.lower_bound({source, SPLIT_UNSPECIFIED});
  return first != cells_.end() && first->first.first == source;
}

absl::Status SnapshotSummary::Check() const {
  for (int i = 0; i < plan_.recipe.source_size(); ++i) {
    const SourceSelection& source = plan_.recipe.source(i);
    if (source.held_out() || HasSamples(i)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "none of the chosen records of source ", source.source(),
        " can be decoded; look at them with `bazel run //shardstore -- query "
        "--source=",
        source.source(), "`"));
  }
  return absl::OkStatus();
}

int64_t SnapshotSummary::SamplesOf(Split split) const {
  int64_t samples = 0;
  for (const auto& [key, cell] : cells_) {
    if (key.second == split) samples += cell.samples;
  }
  return samples;
}

void SnapshotSummary::AddCounts(SnapshotInfo& info) const {
  std::map<int, int64_t> left_out = left_out_;  // Said once a source.
  for (const auto& [key, cell] : cells_) {
    const SourceSelection& source = plan_.recipe.source(key.first);
    SourceCount& count = *info.add_count();
    count.set_source(source.source());
    count.set_label(source.label());
    count.set_split(key.second);
    count.set_samples(cell.samples);
    count.set_works(static_cast<int64_t>(cell.works.size()));
    count.set_held_out(source.held_out());
    count.set_left_out(std::exchange(left_out[key.first], 0));
  }
}

SnapshotInfo SnapshotSummary::ToInfo() const {
  SnapshotInfo info;
  info.set_id(plan_.snapshot_id);
  *info.mutable_recipe() = plan_.recipe;
  info.set_preparation_version(kPreparationVersion);
  AddCounts(info);
  info.set_train_samples(SamplesOf(SPLIT_TRAIN));
  info.set_validation_samples(SamplesOf(SPLIT_VALIDATION));
  info.set_test_samples(SamplesOf(SPLIT_TEST));
  info.set_created_at(absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::Now(),
                                       absl::UTCTimeZone()));
  info.set_stand_in(stand_in_);
  info.mutable_warning()->Assign(plan_.warnings.begin(), plan_.warnings.end());
  return info;
}

}  // namespace verso
