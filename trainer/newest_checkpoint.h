#ifndef VERSO_TRAINER_NEWEST_CHECKPOINT_H_
#define VERSO_TRAINER_NEWEST_CHECKPOINT_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// The checkpoint that a user means by the flag --checkpoint: a path as typed,
// or, when it is empty, the link `best` of the run in DefaultRunsDir() whose
// best checkpoint was written last. kNotFound: there is no such run.
absl::StatusOr<std::filesystem::path> CheckpointOfFlag(absl::string_view flag);

}  // namespace verso

#endif  // VERSO_TRAINER_NEWEST_CHECKPOINT_H_
