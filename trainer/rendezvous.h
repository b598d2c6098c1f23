#ifndef VERSO_TRAINER_RENDEZVOUS_H_
#define VERSO_TRAINER_RENDEZVOUS_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace verso {

// Where a rank finds the others.
struct Rendezvous {
  int rank = 0;  // In [0, world_size).
  int world_size = 1;
  // Which GPU of its machine. nullopt: not said, so there must be at most one.
  std::optional<int> local_rank;
  int local_world_size = 1;  // Ranks on this machine (1 when not said).
  std::string master_addr;   // Of the key-value store; empty for one rank.
  int master_port = 0;
  // Somebody else (torchrun's agent, our launcher) serves the store, so rank 0
  // does not.
  bool store_is_served = false;
  // Tells one start of a job from the next, whose keys must not be mixed up.
  std::string attempt = "0";
};

// What the user said; each is unset by default.
struct RendezvousFlags {
  std::optional<int> rank;
  std::optional<int> world_size;
  std::optional<int> local_rank;
  std::string master_addr;
  std::optional<int> master_port;
};

// The value of an environment variable; nullopt when it is not set.
using Environment =
    std::function<std::optional<std::string>(absl::string_view name)>;

// Reads this process's environment.
Environment ProcessEnvironment();

// The one rule: flags, else torchrun's variables (RANK, WORLD_SIZE, ...), else
// Slurm's under srun (SLURM_PROCID, SLURM_STEP_NUM_TASKS, ...), else nullopt:
// nobody started ranks, so it is up to the caller.
// kInvalidArgument: half of a rendezvous, or a value out of its range; the
// message names it.
absl::StatusOr<std::optional<Rendezvous>> FindRendezvous(
    const RendezvousFlags& flags, const Environment& environment);

// The first host of a Slurm node list: "node[007-010,12],gpu1" -> "node007".
std::string FirstSlurmHost(absl::string_view node_list);

}  // namespace verso

#endif  // VERSO_TRAINER_RENDEZVOUS_H_
