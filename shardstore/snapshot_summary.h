#ifndef VERSO_SHARDSTORE_SNAPSHOT_SUMMARY_H_
#define VERSO_SHARDSTORE_SNAPSHOT_SUMMARY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"
#include "shardstore/dataset_plan.h"

namespace verso {

// Counts the samples of a snapshot while it is made. Not thread-safe.
class SnapshotSummary {
 public:
  // `plan` is not copied and must outlive the summary.
  explicit SnapshotSummary(const DatasetPlan& plan)
      : plan_(plan), left_out_(plan.left_out) {}

  // `stand_in`: the record's Provenance.stand_in.
  void Add(const PlannedSample& sample, absl::string_view stand_in);
  // The sample could not be prepared.
  void LeaveOut(const PlannedSample& sample) { ++left_out_[sample.source]; }

  // kFailedPrecondition: nothing is left of a source that is trained on.
  absl::Status Check() const;

  // Everything but the shards. `created_at` is now.
  SnapshotInfo ToInfo() const;

 private:
  struct Cell {
    int64_t samples = 0;
    std::set<std::string> works;
  };

  bool HasSamples(int source) const;
  int64_t SamplesOf(Split split) const;
  void AddCounts(SnapshotInfo& info) const;

  const DatasetPlan& plan_;
  std::map<std::pair<int, Split>, Cell> cells_;  // By source and split.
  std::map<int, int64_t> left_out_;              // By source.
  std::string stand_in_;
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SNAPSHOT_SUMMARY_H_
