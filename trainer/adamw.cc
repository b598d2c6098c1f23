#include "trainer/adamw.h"

#include "ATen/ops/_fused_adamw.h"
#include "ATen/ops/empty_like.h"
#include "ATen/ops/zeros.h"
#include "ATen/ops/zeros_like.h"
#include "absl/strings/str_cat.h"
#include "c10/core/GradMode.h"

namespace verso {
namespace {

// The kernels walk through memory and do not look at strides.
at::Tensor LikeParameter(const at::Tensor& gradient,
                         const at::Tensor& parameter) {
  if (gradient.strides() == parameter.strides()) return gradient;
  return at::empty_like(parameter).copy_(gradient);
}

}  // namespace

AdamW::AdamW(NamedParameters parameters, const AdamWOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_) {
    const at::Tensor plain = parameter.detach();
    exp_avgs_.push_back(at::zeros_like(plain));
    exp_avg_sqs_.push_back(at::zeros_like(plain));
    steps_.push_back(at::zeros({}, plain.options().dtype(at::kFloat)));
  }
}

void AdamW::Step() {
  c10::NoGradGuard no_grad;
  std::vector<at::Tensor> parameters, gradients, averages, squares, steps;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& parameter = parameters_[i].second;
    if (!parameter.grad().defined()) continue;
    parameters.push_back(parameter);
    gradients.push_back(LikeParameter(parameter.grad(), parameter));
    averages.push_back(exp_avgs_[i]);
    squares.push_back(exp_avg_sqs_[i]);
    steps.push_back(steps_[i].add_(1));
  }
  if (parameters.empty()) return;
  at::_fused_adamw_(parameters, gradients, averages, squares,
                    /*max_exp_avg_sqs=*/{}, steps, options_.learning_rate,
                    options_.beta1, options_.beta2, options_.weight_decay,
                    options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
}

TensorMap AdamW::State() const {
  TensorMap state;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].first;
    state[name + ".exp_avg"] = exp_avgs_[i];
    state[name + ".exp_avg_sq"] = exp_avg_sqs_[i];
    state[name + ".step"] = steps_[i];
  }
  return state;
}

absl::Status AdamW::LoadState(const TensorMap& state) {
  c10::NoGradGuard no_grad;
  const TensorMap mine = State();
  for (const auto& [name, tensor] : mine) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "optimiser state ", name, " is missing or has another shape"));
    }
  }
  if (state.size() != mine.size()) {
    return absl::InvalidArgumentError(
        "the optimiser state is that of another network");
  }
  for (const auto& [name, tensor] : mine) {
    tensor.copy_(state.at(name));
  }
  return absl::OkStatus();
}

}  // namespace verso
