#ifndef VERSO_TRAINER_GRADIENT_SYNC_H_
#define VERSO_TRAINER_GRADIENT_SYNC_H_

#include <cstdint>
#include <memory>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "torch/nn/module.h"
#include "trainer/process_group.h"

namespace verso {

// Keeps the copies of a network on all ranks equal: the only user of
// c10d::Reducer, whose interface changes between releases. A step is:
//   sync.BeginStep();
//   at::Tensor loss_sum = ...network.forward(...)...;
//   sync.Backward(loss_sum, global_batch);
//   optimizer.Step();
//   sync.AverageBuffers();
// All but BeginStep() are collectives (see ProcessGroup). Every parameter must
// take part in every loss. Not thread-safe.
class GradientSync {
 public:
  // Gives all ranks the parameters and buffers of rank 0. `module` is on the
  // group's device and in its final memory format, and like `group` outlives
  // this. kInvalidArgument: the ranks have different networks.
  static absl::StatusOr<std::unique_ptr<GradientSync>> Create(
      torch::nn::Module& module, ProcessGroup& group);

  ~GradientSync();

  // Sets every gradient to zero. Call before the forward pass.
  void BeginStep();

  // Afterwards the gradients, equal on all ranks, are those of
  //   (sum over all ranks of `loss_sum`) / global_batch,
  // so a rank's share of the samples weighs by its size. `loss_sum`: scalar,
  // the sum over this rank's samples; undefined when it has none.
  absl::Status Backward(const at::Tensor& loss_sum, int64_t global_batch);

  // Replaces the floating-point buffers (batch normalisation's running
  // statistics) by their mean over the ranks. At every step, so that a
  // checkpoint at any step is the whole state.
  absl::Status AverageBuffers();

  // Compares parameters and buffers bit by bit (a checksum).
  // kDataLoss: ranks have drifted apart; they are named.
  absl::Status CheckEqual();

 private:
  struct State;
  explicit GradientSync(std::unique_ptr<State> state);
  absl::Status SettleBuckets();
  std::unique_ptr<State> state_;
};

}  // namespace verso

#endif  // VERSO_TRAINER_GRADIENT_SYNC_H_
