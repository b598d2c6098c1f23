#ifndef VERSO_TESTS_TRAINER_RANKS_H_
#define VERSO_TESTS_TRAINER_RANKS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "trainer/process_group.h"

namespace verso::testing {

using Rank = std::function<absl::Status(ProcessGroup&)>;

// Runs `rank` on every rank of a group and says how each ended; kInternal: its
// process died. Each is a process forked from this one, as in training: c10d
// keeps records of all groups of a process in one place that only one group's
// thread may write to. What `rank` changes in memory is lost with its process.
std::vector<absl::Status> RunRanks(int world_size, const Rank& rank);

}  // namespace verso::testing

#endif  // VERSO_TESTS_TRAINER_RANKS_H_
