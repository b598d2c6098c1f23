#ifndef VERSO_TRAINER_STORE_FEATURES_H_
#define VERSO_TRAINER_STORE_FEATURES_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "proto/record.pb.h"
#include "shardstore/shard_store.h"
#include "trainer/feature_extractor.h"

namespace verso {

struct FeatureCounts {
  int64_t computed = 0;
  int64_t kept = 0;        // Rows that the file had before.
  int64_t unreadable = 0;  // Records that are damaged or no picture.
};

// Writes the features of every record that `query` selects to `out`
// (common/safetensors/feature_file.h), in the order stored. Rows that `out` has
// already stay, before the others; those of records that are not selected any
// more go. Shows progress on stderr, and names the first few unreadable records
// there.
// kCancelled: the process was asked to stop; what was computed is in `out`.
// kFailedPrecondition: `out` is of another network, or its reading failed so
//   that it would be overwritten. kNotFound: no record is selected.
// Else as the store, the extractor and the file do.
absl::StatusOr<FeatureCounts> WriteStoreFeatures(
    ShardStore& store, const RecordQuery& query, FeatureExtractor& extractor,
    const std::filesystem::path& out);

}  // namespace verso

#endif  // VERSO_TRAINER_STORE_FEATURES_H_
