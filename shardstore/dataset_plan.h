#ifndef VERSO_SHARDSTORE_DATASET_PLAN_H_
#define VERSO_SHARDSTORE_DATASET_PLAN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/dataset.pb.h"
#include "shardstore/record_storage.h"

namespace verso {

struct PlannedSample {
  std::string id;  // The record's.
  int source = 0;  // Index in DatasetPlan::recipe.source.
  Split split = SPLIT_TRAIN;
  std::string work;
  int64_t size_bytes = 0;  // Of the record's bytes.
};

// A data set before any pixel is touched: which records, in which split.
struct DatasetPlan {
  std::string snapshot_id;
  DatasetRecipe recipe;                // Normalized.
  std::vector<PlannedSample> samples;  // By split, then by id.
  std::map<int, int64_t> left_out;     // By source.
  std::vector<std::string> warnings;
};

// Chooses records and splits; a pure function of the recipe and of the records
// that are stored. Reads provenance alone.
// kInvalidArgument: the recipe is wrong. kFailedPrecondition: a source that is
// trained on has no record that can be used; says what to run.
absl::StatusOr<DatasetPlan> PlanDataset(RecordStorage& records,
                                        const DatasetRecipe& recipe);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_DATASET_PLAN_H_
