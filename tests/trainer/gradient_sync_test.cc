#include "trainer/gradient_sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ATen/Context.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/randn.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"
#include "common/base/status_macros.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/ranks.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::RunRanks;
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

void ExpectAllOk(const std::vector<absl::Status>& results) {
  for (const absl::Status& result : results) EXPECT_OK(result);
}

// Whether `tensor` has the same bits on all ranks.
absl::Status CheckAlike(ProcessGroup& group, const at::Tensor& tensor) {
  ASSIGN_OR_RETURN(const std::vector<at::Tensor> all,
                   group.AllGather(tensor.detach()));
  for (size_t i = 1; i < all.size(); ++i) {
    if (!all[i].equal(all[0])) {
      return absl::InternalError(absl::StrCat("rank ", i, " has another one"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckClose(const at::Tensor& got, const at::Tensor& expected) {
  const double off = (got - expected).abs().max().item<double>();
  const double scale = expected.abs().max().item<double>();
  if (off <= 1e-5 * scale) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("off by ", off, " of ", scale));
}

TEST(GradientSyncTest, EveryRankStartsWithTheWeightsOfRankZero) {
  ExpectAllOk(RunRanks(3, [&](ProcessGroup& group) -> absl::Status {
    at::manual_seed(group.rank());
    Linear module;
    const at::Tensor own = module.weight.clone();
    RETURN_IF_ERROR(GradientSync::Create(module, group).status());
    if (own.equal(module.weight) != (group.rank() == 0)) {
      return absl::InternalError("not the weights of rank 0");
    }
    RETURN_IF_ERROR(CheckAlike(group, module.weight));
    return CheckAlike(group, module.mean);
  }));
}

// Slices of 1, 4 and 2 samples: each sample weighs the same.
TEST(GradientSyncTest, UnevenSlicesGiveTheMeanOverTheGlobalBatch) {
  ExpectAllOk(RunRanks(3, [&](ProcessGroup& group) -> absl::Status {
    at::manual_seed(1);
    Linear module, alone;
    const at::Tensor x = at::randn({7, kInputs});
    const std::vector<at::Tensor> slices = {
        x.narrow(0, 0, 1), x.narrow(0, 1, 4), x.narrow(0, 5, 2)};
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    for (int step = 0; step < 3; ++step) {
      sync->BeginStep();
      RETURN_IF_ERROR(sync->Backward(module.LossSum(slices[group.rank()]), 7));
    }
    alone.weight.data().copy_(module.weight);
    alone.bias.data().copy_(module.bias);
    (alone.LossSum(x) / 7).backward();
    RETURN_IF_ERROR(CheckClose(module.weight.grad(), alone.weight.grad()));
    return CheckAlike(group, module.weight.grad());
  }));
}

TEST(GradientSyncTest, ARankWithoutSamplesTakesPart) {
  ExpectAllOk(RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    at::manual_seed(1);
    Linear module;
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    sync->BeginStep();
    const at::Tensor loss = group.rank() == 0
                                ? module.LossSum(at::randn({2, kInputs}))
                                : at::Tensor();
    RETURN_IF_ERROR(sync->Backward(loss, 2));
    if (module.bias.grad().item<float>() == 0) {
      return absl::InternalError("no gradient");
    }
    return CheckAlike(group, module.bias.grad());
  }));
}

TEST(GradientSyncTest, BuffersBecomeTheMeanOfAllRanks) {
  ExpectAllOk(RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    Linear module;
    ASSIGN_OR_RETURN(const auto sync, GradientSync::Create(module, group));
    module.mean.fill_(group.rank() == 0 ? 1 : 4);
    RETURN_IF_ERROR(sync->AverageBuffers());
    if (!module.mean.equal(at::ones({2, 3}) * 2.5) ||
        module.count.item<int64_t>() != 1) {
      return absl::InternalError("another mean or count");
    }
    return absl::OkStatus();
  }));
}

TEST(GradientSyncTest, FindsARankThatDriftedApart) {
  const auto results = RunRanks(2, [&](ProcessGroup& group) -> absl::Status {
    Linear module;
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

TEST(ProcessGroupTest, AStopOfOneRankIsAStopOfAllUnlessOneFailed) {
  const auto stopped = RunRanks(3, [&](ProcessGroup& group) {
    return group.Agree(group.rank() == 1 ? absl::CancelledError("asked to stop")
                                         : absl::OkStatus());
  });
  EXPECT_THAT(stopped[0], StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(stopped[1], StatusIs(absl::StatusCode::kCancelled));
  const auto failed = RunRanks(3, [&](ProcessGroup& group) {
    return group.Agree(group.rank() == 1   ? absl::CancelledError("stop")
                       : group.rank() == 2 ? absl::NotFoundError("no file")
                                           : absl::OkStatus());
  });
  EXPECT_THAT(failed[0], StatusIs(absl::StatusCode::kAborted));
}

TEST(ProcessGroupTest, OneRankAloneTellsOfAFailure) {
  const auto results = RunRanks(3, [&](ProcessGroup& group) {
    return group.ClaimFailure() ? absl::AbortedError("I tell")
                                : absl::OkStatus();
  });
  EXPECT_EQ(std::count_if(results.begin(), results.end(), absl::IsAborted), 1);
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
