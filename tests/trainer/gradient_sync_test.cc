#include "trainer/gradient_sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "ATen/ops/cat.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/randn.h"
#include "c10/core/GradMode.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

constexpr int64_t kInputs = 5;

// One linear layer and one buffer.
class Linear : public torch::nn::Module {
 public:
  explicit Linear(int64_t inputs = kInputs) {
    weight = register_parameter("weight", at::randn({1, inputs}));
    bias = register_parameter("bias", at::randn({1}));
    mean = register_buffer("mean", at::randn({2, 3}));
    count = register_buffer("count", at::ones({}, at::kLong));
  }
  at::Tensor LossSum(const at::Tensor& x) {
    return at::linear(x, weight, bias).square().sum();
  }
  at::Tensor weight, bias, mean, count;
};

using Rank = std::function<absl::Status(ProcessGroup&)>;

// Runs `rank` on every rank of a group, each a thread with its own Gloo.
std::vector<absl::Status> RunRanks(int world_size, const Rank& rank) {
  auto server = RendezvousServer::Start();
  EXPECT_OK(server);
  std::vector<absl::Status> results(world_size);
  std::vector<std::thread> threads;
  for (int i = 0; i < world_size; ++i) {
    threads.emplace_back([&, i] {
      Rendezvous place;
      place.rank = i;
      place.world_size = world_size;
      place.master_addr = "127.0.0.1";
      place.master_port = (*server)->port();
      place.store_is_served = true;
      auto group = ProcessGroup::Connect(place, c10::kCPU);
      results[i] = group.status();
      if (!group.ok()) return;
      results[i] = rank(**group);
      if (results[i].ok()) results[i] = (*group)->Shutdown();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

void ExpectAllOk(const std::vector<absl::Status>& results) {
  for (const absl::Status& result : results) EXPECT_OK(result);
}

TEST(GradientSyncTest, EveryRankStartsWithTheWeightsOfRankZero) {
  std::vector<Linear> modules(3);
  ExpectAllOk(RunRanks(3, [&](ProcessGroup& group) {
    return GradientSync::Create(modules[group.rank()], group).status();
  }));
  for (int i = 1; i < 3; ++i) {
    EXPECT_TRUE(modules[i].weight.equal(modules[0].weight));
    EXPECT_TRUE(modules[i].mean.equal(modules[0].mean));
  }
}

// Slices of 1, 4 and 2 samples: each sample weighs the same.
TEST(GradientSyncTest, UnevenSlicesGiveTheMeanOverTheGlobalBatch) {
  const at::Tensor x = at::randn({7, kInputs});
  std::vector<Linear> modules(3);
  const std::vector<at::Tensor> slices = {x.narrow(0, 0, 1), x.narrow(0, 1, 4),
                                          x.narrow(0, 5, 2)};
  ExpectAllOk(RunRanks(3, [&](ProcessGroup& group) -> absl::Status {
    Linear& module = modules[group.rank()];
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    for (int step = 0; step < 3; ++step) {
      sync->BeginStep();
      RETURN_IF_ERROR(sync->Backward(module.LossSum(slices[group.rank()]), 7));
    }
    // Views of the buckets, which end with the Reducer.
    module.weight.mutable_grad() = module.weight.grad().clone();
    return absl::OkStatus();
  }));
  Linear alone;
  alone.weight.data().copy_(modules[0].weight);
  alone.bias.data().copy_(modules[0].bias);
  (alone.LossSum(x) / 7).backward();
  for (const Linear& module : modules) {
    EXPECT_TRUE(module.weight.grad().allclose(alone.weight.grad(), 1e-5));
    EXPECT_TRUE(module.weight.grad().equal(modules[0].weight.grad()));
  }
}

TEST(GradientSyncTest, ARankWithoutSamplesTakesPart) {
  const at::Tensor x = at::randn({2, kInputs});
  std::vector<Linear> modules(2);
  ExpectAllOk(RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    Linear& module = modules[group.rank()];
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    sync->BeginStep();
    const at::Tensor loss =
        group.rank() == 0 ? module.LossSum(x) : at::Tensor();
    RETURN_IF_ERROR(sync->Backward(loss, 2));
    module.bias.mutable_grad() = module.bias.grad().clone();
    return absl::OkStatus();
  }));
  EXPECT_NE(modules[1].bias.grad().item<float>(), 0);
  EXPECT_TRUE(modules[0].bias.grad().equal(modules[1].bias.grad()));
}

TEST(GradientSyncTest, BuffersBecomeTheMeanOfAllRanks) {
  std::vector<Linear> modules(2);
  ExpectAllOk(RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    Linear& module = modules[group.rank()];
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    module.mean.fill_(group.rank() == 0 ? 1 : 4);
    return sync->AverageBuffers();
  }));
  EXPECT_TRUE(modules[0].mean.equal(at::ones({2, 3}) * 2.5));
  EXPECT_TRUE(modules[1].mean.equal(modules[0].mean));
  EXPECT_EQ(modules[0].count.item<int64_t>(), 1);
}

TEST(GradientSyncTest, FindsARankThatDriftedApart) {
  std::vector<Linear> modules(2);
  const auto results = RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    Linear& module = modules[group.rank()];
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    RETURN_IF_ERROR(sync->CheckEqual());
    c10::NoGradGuard no_grad;
    if (group.rank() == 1) module.bias.add_(1e-6);
    return sync->CheckEqual();
  });
  for (const absl::Status& result : results) {
    EXPECT_THAT(result, StatusIs(absl::StatusCode::kDataLoss,
                                 HasSubstr("weights of rank 1 differ")));
  }
}

TEST(GradientSyncTest, RefusesDifferentNetworks) {
  const auto results = RunRanks(2, [&](ProcessGroup& group) {
    Linear module(kInputs + group.rank());
    return GradientSync::Create(module, group).status();
  });
  EXPECT_THAT(results[1], ::testing::Not(testing::IsOk()));
}

TEST(ProcessGroupTest, AgreesOnAFailureAndNamesItsRank) {
  const auto results = RunRanks(3, [&](ProcessGroup& group) {
    return group.Agree(group.rank() == 2 ? absl::NotFoundError("no file")
                                         : absl::OkStatus());
  });
  EXPECT_THAT(results[2], StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(results[0],
              StatusIs(absl::StatusCode::kAborted, HasSubstr("rank 2")));
}

TEST(ProcessGroupTest, OneRankAloneTellsOfAFailure) {
  std::vector<int> claimed(3);
  ExpectAllOk(RunRanks(3, [&](ProcessGroup& group) {
    claimed[group.rank()] = group.ClaimFailure() ? 1 : 0;
    return absl::OkStatus();
  }));
  EXPECT_EQ(claimed[0] + claimed[1] + claimed[2], 1);
}

TEST(ProcessGroupTest, BroadcastsATextOfAnyLength) {
  const std::string text(100000, 'x');
  ExpectAllOk(RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string got,
                     group.BroadcastText(group.rank() == 0 ? text : ""));
    ASSIGN_OR_RETURN(const std::string empty, group.BroadcastText(""));
    if (got == text && empty.empty()) return absl::OkStatus();
    return absl::InternalError("another text came");
  }));
}

}  // namespace
}  // namespace verso
