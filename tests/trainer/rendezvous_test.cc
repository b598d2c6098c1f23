#include "trainer/rendezvous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

Environment Variables(std::map<std::string, std::string> variables) {
  return [variables](absl::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::map<std::string, std::string> Torchrun() {
  return {{"RANK", "3"},          {"WORLD_SIZE", "8"},
          {"LOCAL_RANK", "1"},    {"LOCAL_WORLD_SIZE", "2"},
          {"MASTER_ADDR", "one"}, {"MASTER_PORT", "29400"}};
}

std::map<std::string, std::string> Srun() {
  return {{"SLURM_PROCID", "5"},
          {"SLURM_STEP_NUM_TASKS", "6"},
          {"SLURM_LOCALID", "1"},
          {"SLURM_STEP_NODELIST", "gpu[07-09]"},
          {"SLURM_JOB_ID", "48213"}};
}

TEST(RendezvousTest, NobodySaysAnything) {
  ASSERT_OK_AND_ASSIGN(const auto found, FindRendezvous({}, Variables({})));
  EXPECT_FALSE(found.has_value());
}

TEST(RendezvousTest, ReadsTorchrunsVariables) {
  ASSERT_OK_AND_ASSIGN(const auto found,
                       FindRendezvous({}, Variables(Torchrun())));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rank, 3);
  EXPECT_EQ(found->world_size, 8);
  EXPECT_EQ(found->local_rank, 1);
  EXPECT_EQ(found->local_world_size, 2);
  EXPECT_EQ(found->master_addr, "one");
  EXPECT_EQ(found->master_port, 29400);
  EXPECT_FALSE(found->store_is_served);
}

TEST(RendezvousTest, LeavesTheStoreToAnAgentThatServesIt) {
  auto variables = Torchrun();
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  ASSERT_OK_AND_ASSIGN(const auto found,
                       FindRendezvous({}, Variables(variables)));
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->store_is_served);
}

TEST(RendezvousTest, ARestartHasKeysOfItsOwn) {
  auto variables = Torchrun();
  ASSERT_OK_AND_ASSIGN(const auto first,
                       FindRendezvous({}, Variables(variables)));
  variables["TORCHELASTIC_RESTART_COUNT"] = "1";
  ASSERT_OK_AND_ASSIGN(const auto second,
                       FindRendezvous({}, Variables(variables)));
  EXPECT_NE(first->attempt, second->attempt);
}

TEST(RendezvousTest, ReadsSlurmsVariables) {
  ASSERT_OK_AND_ASSIGN(const auto found, FindRendezvous({}, Variables(Srun())));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->rank, 5);
  EXPECT_EQ(found->world_size, 6);
  EXPECT_EQ(found->local_rank, 1);
  EXPECT_EQ(found->master_addr, "gpu07");
  EXPECT_EQ(found->master_port, 15000 + 8213);
}

TEST(RendezvousTest, ABatchScriptIsNoRank) {
  auto variables = Srun();
  variables.erase("SLURM_STEP_NUM_TASKS");
  ASSERT_OK_AND_ASSIGN(const auto found,
                       FindRendezvous({}, Variables(variables)));
  EXPECT_FALSE(found.has_value());
}

TEST(RendezvousTest, FlagsGoBeforeTorchrunBeforeSlurm) {
  auto variables = Torchrun();
  variables.merge(Srun());
  ASSERT_OK_AND_ASSIGN(const auto torchrun,
                       FindRendezvous({}, Variables(variables)));
  EXPECT_EQ(torchrun->world_size, 8);
  RendezvousFlags flags;
  flags.rank = 1;
  flags.world_size = 2;
  flags.master_addr = "two";
  flags.master_port = 7000;
  ASSERT_OK_AND_ASSIGN(const auto found,
                       FindRendezvous(flags, Variables(variables)));
  EXPECT_EQ(found->world_size, 2);
  EXPECT_EQ(found->master_addr, "two");
}

TEST(RendezvousTest, RefusesHalfARendezvous) {
  auto variables = Torchrun();
  variables.erase("RANK");
  EXPECT_THAT(FindRendezvous({}, Variables(variables)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("RANK")));
  RendezvousFlags flags;
  flags.world_size = 2;
  EXPECT_THAT(
      FindRendezvous(flags, Variables({})),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--rank")));
}

TEST(RendezvousTest, RefusesARankOutsideTheWorld) {
  auto variables = Torchrun();
  variables["RANK"] = "8";
  EXPECT_THAT(FindRendezvous({}, Variables(variables)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("rank 8 of world size 8")));
}

TEST(RendezvousTest, RefusesWhatIsNoNumber) {
  auto variables = Torchrun();
  variables["MASTER_PORT"] = "http";
  EXPECT_THAT(FindRendezvous({}, Variables(variables)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("MASTER_PORT=http")));
}

TEST(RendezvousTest, ManyRanksNeedAMasterAddress) {
  auto variables = Torchrun();
  variables.erase("MASTER_ADDR");
  EXPECT_THAT(FindRendezvous({}, Variables(variables)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("master address")));
}

TEST(RendezvousTest, FindsTheFirstHostOfANodeList) {
  EXPECT_EQ(FirstSlurmHost("node7"), "node7");
  EXPECT_EQ(FirstSlurmHost("a,b"), "a");
  EXPECT_EQ(FirstSlurmHost("node[007-010,12],gpu1"), "node007");
  EXPECT_EQ(FirstSlurmHost("node[3,5]"), "node3");
  EXPECT_EQ(FirstSlurmHost("rack[1-2]-a,b"), "rack1-a");
  EXPECT_EQ(FirstSlurmHost(""), "");
}

}  // namespace
}  // namespace verso
