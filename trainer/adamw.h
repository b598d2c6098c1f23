#ifndef VERSO_TRAINER_ADAMW_H_
#define VERSO_TRAINER_ADAMW_H_

#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "trainer/safetensors.h"

namespace verso {

struct AdamWOptions {
  double learning_rate = 1e-6;
  double weight_decay = 0.01;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// AdamW (Loshchilov and Hutter, arXiv 1711.05101), torch's fused kernels: one
// pass over the parameters, on the CPU too. Not thread-safe.
class AdamW {
 public:
  using NamedParameters = std::vector<std::pair<std::string, at::Tensor>>;

  // The parameters are shared, not copied.
  AdamW(NamedParameters parameters, const AdamWOptions& options);

  // One step with the gradients that the parameters have; one without is left
  // as it is.
  void Step();

  // "<parameter>.exp_avg", "<parameter>.exp_avg_sq" and "<parameter>.step" of
  // every parameter. They share the optimiser's memory.
  TensorMap State() const;

  // Copies what State() gave. kInvalidArgument: a name is missing or unknown,
  // or a shape differs; it is named, and nothing is changed.
  absl::Status LoadState(const TensorMap& state);

 private:
  const NamedParameters parameters_;
  const AdamWOptions options_;
  std::vector<at::Tensor> exp_avgs_;
  std::vector<at::Tensor> exp_avg_sqs_;
  std::vector<at::Tensor> steps_;  // Float scalars, as the kernels want them.
};

}  // namespace verso

#endif  // VERSO_TRAINER_ADAMW_H_
