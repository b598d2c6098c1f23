#ifndef VERSO_TRAINER_PROCESS_GROUP_H_
#define VERSO_TRAINER_PROCESS_GROUP_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "c10/core/Device.h"
#include "c10/util/intrusive_ptr.h"
#include "trainer/rendezvous.h"

namespace c10d {
class Backend;
class ProcessGroup;
class Store;
}  // namespace c10d

namespace verso {

// Makes what carries CUDA tensors between ranks: MakeNcclBackend() of
// nccl_backend.h, or nullptr in a build without CUDA. Throws as LibTorch does.
using CudaBackend = c10::intrusive_ptr<c10d::Backend> (*)(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int world_size,
    std::chrono::milliseconds timeout);

// All ranks of a run. CPU tensors go over Gloo, CUDA tensors over NCCL.
// Every method but the accessors and ClaimFailure() is a collective: all ranks
// call the same ones in the same order, or they wait for each other in vain
// (10 minutes). kUnavailable from any of them: another rank is gone; nothing
// more can be done together. Not thread-safe.
class ProcessGroup {
 public:
  // Waits until all ranks are there.
  // kUnavailable: they were not within 5 minutes, or the master address does
  //   not answer. kFailedPrecondition: a CUDA device, but no backend for it.
  static absl::StatusOr<std::unique_ptr<ProcessGroup>> Connect(
      const Rendezvous& rendezvous, c10::Device device,
      CudaBackend cuda_backend = nullptr);

  ~ProcessGroup();

  int rank() const;
  int world_size() const;
  c10::Device device() const;  // That this rank computes on.

  // Replaces `tensor` by its sum over all ranks. The result has the same bits
  // on every rank.
  absl::Status Sum(at::Tensor& tensor);

  // Replaces the tensors by rank 0's. Any devices and strides.
  absl::Status Broadcast(const std::vector<at::Tensor>& tensors);

  // Rank 0's `text`, on every rank.
  absl::StatusOr<std::string> BroadcastText(absl::string_view text);

  // Everybody's `tensor`, by rank. CPU tensors of one shape and type.
  absl::StatusOr<std::vector<at::Tensor>> AllGather(const at::Tensor& tensor);

  // Ends everybody when one cannot go on. Returns `mine` when it is not OK;
  // else kAborted, which names the first rank that failed; else kCancelled when
  // that of another rank is; else OK.
  absl::Status Agree(const absl::Status& mine);

  // True on one rank only, the first to ask: it tells the user why the run
  // failed, the others keep quiet. Never throws or waits long.
  bool ClaimFailure();

  // Ends the group after work that went well: waits for all ranks, then lets
  // go in the order that loses nothing. Everything that uses native() must be
  // gone.
  absl::Status Shutdown();

  // For c10d's own classes (see gradient_sync.cc). Owned by this.
  c10d::ProcessGroup& native();

 private:
  struct State;
  explicit ProcessGroup(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The key-value store by which ranks find each other, served by their launcher
// on 127.0.0.1 until destroyed.
class RendezvousServer {
 public:
  static absl::StatusOr<std::unique_ptr<RendezvousServer>> Start();
  ~RendezvousServer();
  int port() const;

 private:
  struct State;
  explicit RendezvousServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What a failure in a collective means to its caller: kUnavailable when it
// came from the connection to another rank, else kInternal. `what`: the
// exception's text, of which the first line is kept.
absl::Status CollectiveError(absl::string_view what);

}  // namespace verso

#endif  // VERSO_TRAINER_PROCESS_GROUP_H_
