#include "trainer/gradient_sync.h"

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ATen/ops/cat.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/zeros.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "torch/csrc/distributed/c10d/reducer.hpp"

namespace verso {
namespace {

constexpr size_t kFirstBucketBytes = c10d::kDefaultFirstBucketBytes;
constexpr size_t kBucketBytes = c10d::kDefaultBucketBytesCap;

c10::intrusive_ptr<c10d::ProcessGroup> NativeOf(ProcessGroup& group) {
  return c10::intrusive_ptr<c10d::ProcessGroup>::unsafe_reclaim_from_nonowning(
      &group.native());
}

std::vector<at::Tensor> TrainedParameters(const torch::nn::Module& module) {
  std::vector<at::Tensor> trained;
  for (const at::Tensor& parameter : module.parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  return trained;
}

std::unique_ptr<c10d::Reducer> MakeReducer(
    const std::vector<at::Tensor>& parameters, ProcessGroup& group) {
  auto buckets = std::get<0>(c10d::compute_bucket_assignment_by_size(
      parameters, {kFirstBucketBytes, kBucketBytes}));
  // The last layers' gradients are ready first.
  std::reverse(buckets.begin(), buckets.end());
  return std::make_unique<c10d::Reducer>(
      parameters, std::move(buckets), NativeOf(group),
      /*expect_sparse_gradients=*/std::vector<bool>(parameters.size(), false),
      static_cast<int64_t>(kBucketBytes), /*find_unused_parameters=*/false,
      /*gradient_as_bucket_view=*/true,
      /*param_names=*/std::unordered_map<size_t, std::string>(),
      static_cast<int64_t>(kFirstBucketBytes),
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false,
      /*bucket_bytes_cap_list=*/std::vector<int64_t>());
}

// A number that changes with any bit of any tensor.
int64_t ChecksumOf(const std::vector<at::Tensor>& tensors) {
  uint64_t checksum = 0;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.numel() == 0) continue;
    const at::Tensor bits = tensor.detach().reshape({-1}).view(at::kInt);
    const auto sum = bits.sum(at::kLong).item<int64_t>();
    const auto squares = bits.to(at::kLong).mul_(bits).sum().item<int64_t>();
    checksum = checksum * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(sum);
    checksum = checksum * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(squares);
  }
  return static_cast<int64_t>(checksum);
}

// 0, as a function of every parameter.
at::Tensor ZeroLoss(const std::vector<at::Tensor>& parameters) {
  at::Tensor zero = at::zeros({}, parameters[0].options().requires_grad(false));
  for (const at::Tensor& parameter : parameters) {
    zero = zero + parameter.sum() * 0;
  }
  return zero;
}

}  // namespace

struct GradientSync::State {
  ProcessGroup& group;
  std::vector<at::Tensor> everything;  // Parameters and buffers.
  std::vector<at::Tensor> parameters;  // Those that are trained.
  std::vector<at::Tensor> statistics;  // Floating-point buffers.
  std::unique_ptr<c10d::Reducer> reducer;
};

GradientSync::GradientSync(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

GradientSync::~GradientSync() = default;

absl::StatusOr<std::unique_ptr<GradientSync>> GradientSync::Create(
    torch::nn::Module& module, ProcessGroup& group) {
  auto state = std::unique_ptr<State>(new State{group, {}, {}, {}, nullptr});
  state->parameters = TrainedParameters(module);
  state->everything = module.parameters();
  for (const at::Tensor& buffer : module.buffers()) {
    state->everything.push_back(buffer);
    if (buffer.is_floating_point()) state->statistics.push_back(buffer);
  }
  VERSO_CHECK(!state->parameters.empty());
  try {
    c10d::verify_params_across_processes(NativeOf(group), state->parameters,
                                         std::nullopt);
  } catch (const std::exception& error) {
    const absl::Status cause = CollectiveError(error.what());
    if (absl::IsUnavailable(cause)) return cause;
    return absl::InvalidArgumentError(
        absl::StrCat("the ranks have different networks: ", cause.message()));
  }
  RETURN_IF_ERROR(group.Broadcast(state->everything));
  auto sync = std::unique_ptr<GradientSync>(new GradientSync(std::move(state)));
  RETURN_IF_ERROR(sync->SettleBuckets());
  return sync;
}

// Reducer rearranges its buckets once, after the first backward pass, by the
// order in which gradients came. With three ranks or more that changes the
// order of summation, so that a run that goes on would differ in the last bits
// from one that never stopped. A pass of zeros settles the buckets before the
// first step of either.
absl::Status GradientSync::SettleBuckets() {
  try {
    for (at::Tensor& parameter : state_->parameters) {
      parameter.mutable_grad() = at::zeros_like(parameter);
    }
    state_->reducer = MakeReducer(state_->parameters, state_->group);
    RETURN_IF_ERROR(Backward(at::Tensor(), 1));
    state_->reducer->rebuild_buckets();
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return CollectiveError(error.what());
  }
}

void GradientSync::BeginStep() {
  for (at::Tensor& parameter : state_->parameters) {
    // In place: the gradients are views of the buckets.
    parameter.mutable_grad().zero_();
  }
  state_->reducer->rebuild_buckets();
  state_->reducer->prepare_for_forward();
}

absl::Status GradientSync::Backward(const at::Tensor& loss_sum,
                                    int64_t global_batch) {
  try {
    // Without this the gradients would silently stay the rank's own.
    state_->reducer->prepare_for_backward({});
    // Reducer takes the mean over ranks.
    const double weight = static_cast<double>(state_->group.world_size()) /
                          static_cast<double>(global_batch);
    const at::Tensor loss =
        loss_sum.defined() ? loss_sum : ZeroLoss(state_->parameters);
    (loss * weight).backward();
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return CollectiveError(error.what());
  }
}

absl::Status GradientSync::AverageBuffers() {
  if (state_->statistics.empty() || state_->group.world_size() == 1) {
    return absl::OkStatus();
  }
  c10::NoGradGuard no_grad;
  std::vector<at::Tensor> flat;
  for (const at::Tensor& buffer : state_->statistics) {
    flat.push_back(buffer.reshape({-1}));
  }
  at::Tensor all = at::cat(flat);
  RETURN_IF_ERROR(state_->group.Sum(all));
  all.div_(state_->group.world_size());
  int64_t offset = 0;
  for (at::Tensor& buffer : state_->statistics) {
    buffer.copy_(all.narrow(0, offset, buffer.numel()).view(buffer.sizes()));
    offset += buffer.numel();
  }
  return absl::OkStatus();
}

absl::Status GradientSync::CheckEqual() {
  at::Tensor mine = at::empty({1}, at::kLong);
  mine.data_ptr<int64_t>()[0] = ChecksumOf(state_->everything);
  ASSIGN_OR_RETURN(const std::vector<at::Tensor> all,
                   state_->group.AllGather(mine));
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].equal(all[0])) continue;
    return absl::DataLossError(absl::StrCat(
        "the weights of rank ", i,
        " differ from those of rank 0: gradients "
        "were not averaged, or memory is faulty; go on from the last "
        "checkpoint"));
  }
  return absl::OkStatus();
}

}  // namespace verso
