#ifndef VERSO_TESTS_TRAINER_TINY_STORE_H_
#define VERSO_TESTS_TRAINER_TINY_STORE_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "proto/dataset.pb.h"

namespace verso::testing {

// A store with two human sources and a generated one, drawn by program and
// easily told apart, and a snapshot of it: 32 x 32 pixels, `per_source` each.
absl::StatusOr<SnapshotInfo> MakeTinyStore(const std::filesystem::path& dir,
                                           int per_source);

}  // namespace verso::testing

#endif  // VERSO_TESTS_TRAINER_TINY_STORE_H_
