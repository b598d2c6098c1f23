#include "trainer/rendezvous.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// Ports 15000 to 24999 by job, as other launchers under Slurm do.
constexpr int kSlurmFirstPort = 15000;
constexpr int kSlurmPorts = 10000;

// The whole number in variable `name`; nullopt when it is not set.
absl::StatusOr<std::optional<int>> IntVariable(const Environment& environment,
                                               absl::string_view name) {
  const std::optional<std::string> text = environment(name);
  if (!text || text->empty()) return std::nullopt;
  int value = 0;
  if (!absl::SimpleAtoi(*text, &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, "=", *text, " is not a whole number"));
  }
  return value;
}

absl::Status Check(const Rendezvous& found, absl::string_view origin) {
  if (found.world_size < 1 || found.rank < 0 ||
      found.rank >= found.world_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("rank ", found.rank, " of world size ", found.world_size,
                     " (from ", origin, ") is not in [0, world size)"));
  }
  if (found.local_rank && *found.local_rank < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "local rank ", *found.local_rank, " (from ", origin, ") is negative"));
  }
  if (found.world_size == 1) return absl::OkStatus();
  if (found.master_addr.empty() || found.master_port < 1 ||
      found.master_port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat(found.world_size, " ranks (from ", origin,
                     ") need a master address and a master port in 1..65535"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Rendezvous>> FromFlags(
    const RendezvousFlags& flags) {
  if (!flags.rank && !flags.world_size) return std::nullopt;
  if (!flags.rank || !flags.world_size) {
    return absl::InvalidArgumentError(
        "--rank and --world_size go together: give both or neither");
  }
  Rendezvous found;
  found.rank = *flags.rank;
  found.world_size = *flags.world_size;
  found.local_rank = flags.local_rank;
  found.master_addr = flags.master_addr;
  found.master_port = flags.master_port.value_or(0);
  RETURN_IF_ERROR(Check(found, "flags"));
  return found;
}

absl::StatusOr<std::optional<Rendezvous>> FromTorchrun(
    const Environment& environment) {
  ASSIGN_OR_RETURN(const auto rank, IntVariable(environment, "RANK"));
  ASSIGN_OR_RETURN(const auto world, IntVariable(environment, "WORLD_SIZE"));
  if (!rank && !world) return std::nullopt;
  if (!rank || !world) {
    return absl::InvalidArgumentError(
        "only one of RANK and WORLD_SIZE is set: set both, or neither to start "
        "the ranks of this machine alone");
  }
  Rendezvous found;
  found.rank = *rank;
  found.world_size = *world;
  ASSIGN_OR_RETURN(found.local_rank, IntVariable(environment, "LOCAL_RANK"));
  ASSIGN_OR_RETURN(const auto local_world,
                   IntVariable(environment, "LOCAL_WORLD_SIZE"));
  found.local_world_size = local_world.value_or(1);
  found.master_addr = environment("MASTER_ADDR").value_or("");
  ASSIGN_OR_RETURN(const auto port, IntVariable(environment, "MASTER_PORT"));
  found.master_port = port.value_or(0);
  found.store_is_served =
      environment("TORCHELASTIC_USE_AGENT_STORE").value_or("") == "True";
  found.attempt =
      absl::StrCat(environment("TORCHELASTIC_RUN_ID").value_or(""), "/",
                   environment("TORCHELASTIC_RESTART_COUNT").value_or("0"));
  RETURN_IF_ERROR(Check(found, "RANK and WORLD_SIZE"));
  return found;
}

absl::StatusOr<std::optional<Rendezvous>> FromSlurm(
    const Environment& environment) {
  // Only srun sets the number of tasks of the step; a batch script has the
  // other variables too but is no rank.
  ASSIGN_OR_RETURN(const auto rank, IntVariable(environment, "SLURM_PROCID"));
  ASSIGN_OR_RETURN(const auto world,
                   IntVariable(environment, "SLURM_STEP_NUM_TASKS"));
  if (!rank || !world || *world == 1) return std::nullopt;
  Rendezvous found;
  found.rank = *rank;
  found.world_size = *world;
  ASSIGN_OR_RETURN(found.local_rank, IntVariable(environment, "SLURM_LOCALID"));
  ASSIGN_OR_RETURN(const auto local_world,
                   IntVariable(environment, "SLURM_NTASKS_PER_NODE"));
  found.local_world_size = local_world.value_or(1);
  found.master_addr = FirstSlurmHost(
      environment("SLURM_STEP_NODELIST")
          .value_or(environment("SLURM_JOB_NODELIST").value_or("")));
  ASSIGN_OR_RETURN(const auto job, IntVariable(environment, "SLURM_JOB_ID"));
  found.master_port = kSlurmFirstPort + job.value_or(0) % kSlurmPorts;
  found.attempt = absl::StrCat(
      job.value_or(0), ".", environment("SLURM_STEP_ID").value_or("0"), ".",
      environment("SLURM_RESTART_COUNT").value_or("0"));
  RETURN_IF_ERROR(Check(found, "Slurm"));
  return found;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](absl::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

absl::StatusOr<std::optional<Rendezvous>> FindRendezvous(
    const RendezvousFlags& flags, const Environment& environment) {
  ASSIGN_OR_RETURN(auto found, FromFlags(flags));
  if (!found) {
    ASSIGN_OR_RETURN(found, FromTorchrun(environment));
  }
  if (!found) {
    ASSIGN_OR_RETURN(found, FromSlurm(environment));
  }
  return found;
}

std::string FirstSlurmHost(absl::string_view node_list) {
  const size_t stop = node_list.find_first_of("[,");
  std::string host(node_list.substr(0, stop));
  if (stop == absl::string_view::npos || node_list[stop] == ',') return host;
  const absl::string_view numbers = node_list.substr(stop + 1);
  absl::StrAppend(&host, numbers.substr(0, numbers.find_first_of("-,]")));
  const size_t close = numbers.find(']');
  if (close == absl::string_view::npos) return host;
  // A name may go on behind the brackets ("rack[1-2]-a").
  const absl::string_view tail = numbers.substr(close + 1);
  return absl::StrCat(host, tail.substr(0, tail.find_first_of("[,")));
}

}  // namespace verso
