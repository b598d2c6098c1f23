#include "trainer/process_group.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include "ATen/ops/empty.h"
#include "ATen/ops/empty_like.h"
#include "ATen/ops/from_blob.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "torch/csrc/distributed/c10d/HashStore.hpp"
#include "torch/csrc/distributed/c10d/PrefixStore.hpp"
#include "torch/csrc/distributed/c10d/ProcessGroup.hpp"
#include "torch/csrc/distributed/c10d/ProcessGroupGloo.hpp"
#include "torch/csrc/distributed/c10d/TCPStore.hpp"
#include "torch/csrc/distributed/c10d/comm.hpp"

namespace verso {
namespace {

using NativeGroup = c10d::ProcessGroup;

constexpr std::chrono::minutes kConnectTimeout(5);
constexpr std::chrono::minutes kCollectiveTimeout(10);
constexpr size_t kBroadcastBytes = size_t{250} << 20;
constexpr char kFailureKey[] = "failure";
constexpr char kGoneKey[] = "gone";

// Runs `work`, whose exceptions mean that a collective failed.
template <typename Work>
absl::Status Guarded(Work&& work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return CollectiveError(error.what());
  }
}

bool IsLoopback(absl::string_view host) {
  return host.empty() || host == "localhost" || host == "::1" ||
         absl::StartsWith(host, "127.");
}

c10::intrusive_ptr<c10d::Store> OpenStore(const Rendezvous& rendezvous) {
  if (rendezvous.world_size == 1) {
    return c10::make_intrusive<c10d::HashStore>();
  }
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(rendezvous.master_port);
  options.isServer = rendezvous.rank == 0 && !rendezvous.store_is_served;
  options.waitWorkers = false;
  options.timeout = kConnectTimeout;
  return c10::make_intrusive<c10d::PrefixStore>(
      absl::StrCat("verso/", rendezvous.attempt),
      c10::make_intrusive<c10d::TCPStore>(rendezvous.master_addr, options));
}

c10::intrusive_ptr<c10d::Backend> MakeGloo(
    const c10::intrusive_ptr<c10d::Store>& store,
    const Rendezvous& rendezvous) {
  auto options = c10d::ProcessGroupGloo::Options::create(kCollectiveTimeout);
  options->devices.push_back(
      IsLoopback(rendezvous.master_addr)
          ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
          : c10d::ProcessGroupGloo::createDefaultDevice());
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      c10::make_intrusive<c10d::PrefixStore>("gloo", store), rendezvous.rank,
      rendezvous.world_size, options);
}

c10::intrusive_ptr<NativeGroup> MakeGroup(
    const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& rendezvous,
    c10::Device device, CudaBackend cuda_backend) {
  auto group = c10::make_intrusive<NativeGroup>(store, rendezvous.rank,
                                                rendezvous.world_size);
  if (device.is_cuda()) {
    group->setBoundDeviceId(device);
    group->setBackend(
        c10::DeviceType::CUDA, NativeGroup::NCCL,
        cuda_backend(c10::make_intrusive<c10d::PrefixStore>("nccl", store),
                     rendezvous.rank, rendezvous.world_size,
                     kCollectiveTimeout));
  }
  group->setBackend(c10::DeviceType::CPU, NativeGroup::GLOO,
                    MakeGloo(store, rendezvous));
  group->setDefaultBackend(device.is_cuda() ? NativeGroup::NCCL
                                            : NativeGroup::GLOO);
  return group;
}

}  // namespace

struct ProcessGroup::State {
  Rendezvous rendezvous;
  c10::Device device = c10::kCPU;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<NativeGroup> group;
};

absl::StatusOr<std::unique_ptr<ProcessGroup>> ProcessGroup::Connect(
    const Rendezvous& rendezvous, c10::Device device,
    CudaBackend cuda_backend) {
  if (device.is_cuda() && cuda_backend == nullptr) {
    return absl::FailedPreconditionError(
        "this trainer was built without CUDA; build it with --config=cuda");
  }
  auto state = std::make_unique<State>();
  state->rendezvous = rendezvous;
  state->device = device;
  try {
    state->store = OpenStore(rendezvous);
    state->group = MakeGroup(state->store, rendezvous, device, cuda_backend);
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat(
        "rank ", rendezvous.rank, " of ", rendezvous.world_size,
        " cannot join the others at ", rendezvous.master_addr, ":",
        rendezvous.master_port, ": ", CollectiveError(error.what()).message()));
  }
  return std::unique_ptr<ProcessGroup>(new ProcessGroup(std::move(state)));
}

ProcessGroup::ProcessGroup(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

ProcessGroup::~ProcessGroup() = default;

int ProcessGroup::rank() const { return state_->rendezvous.rank; }
int ProcessGroup::world_size() const { return state_->rendezvous.world_size; }
c10::Device ProcessGroup::device() const { return state_->device; }
c10d::ProcessGroup& ProcessGroup::native() { return *state_->group; }

absl::Status ProcessGroup::Sum(at::Tensor& tensor) {
  return Guarded([&] {
    std::vector<at::Tensor> tensors = {tensor};
    state_->group->allreduce(tensors)->wait();
  });
}

absl::Status ProcessGroup::Broadcast(const std::vector<at::Tensor>& tensors) {
  // One message holds tensors of one device.
  std::vector<at::Tensor> on_cpu;
  std::vector<at::Tensor> elsewhere;
  for (const at::Tensor& tensor : tensors) {
    (tensor.is_cpu() ? on_cpu : elsewhere).push_back(tensor.detach());
  }
  return Guarded([&] {
    for (const auto& part : {on_cpu, elsewhere}) {
      if (part.empty()) continue;
      c10d::broadcast_coalesced(state_->group, part, kBroadcastBytes, 0);
    }
  });
}

absl::StatusOr<std::string> ProcessGroup::BroadcastText(
    absl::string_view text) {
  at::Tensor size = at::empty({1}, at::kLong);
  size.data_ptr<int64_t>()[0] = static_cast<int64_t>(text.size());
  RETURN_IF_ERROR(Broadcast({size}));
  std::string result(rank() == 0 ? text : "");
  result.resize(static_cast<size_t>(size.data_ptr<int64_t>()[0]));
  if (result.empty()) return result;
  RETURN_IF_ERROR(Broadcast({at::from_blob(
      result.data(), {static_cast<int64_t>(result.size())}, at::kByte)}));
  return result;
}

absl::StatusOr<std::vector<at::Tensor>> ProcessGroup::AllGather(
    const at::Tensor& tensor) {
  std::vector<at::Tensor> inputs = {tensor.contiguous()};
  std::vector<std::vector<at::Tensor>> outputs(1);
  for (int i = 0; i < world_size(); ++i) {
    outputs[0].push_back(at::empty_like(inputs[0]));
  }
  RETURN_IF_ERROR(
      Guarded([&] { state_->group->allgather(outputs, inputs)->wait(); }));
  return std::move(outputs[0]);
}

absl::Status ProcessGroup::Agree(const absl::Status& mine) {
  at::Tensor code = at::empty({1}, at::kLong);
  code.data_ptr<int64_t>()[0] = static_cast<int64_t>(mine.code());
  const absl::StatusOr<std::vector<at::Tensor>> all = AllGather(code);
  if (!mine.ok()) return mine;
  RETURN_IF_ERROR(all.status());
  absl::Status agreed;
  for (int i = 0; i < world_size(); ++i) {
    const auto theirs =
        static_cast<absl::StatusCode>((*all)[i].data_ptr<int64_t>()[0]);
    if (theirs == absl::StatusCode::kOk) continue;
    if (theirs != absl::StatusCode::kCancelled) {
      return absl::AbortedError(absl::StrCat("rank ", i, " cannot go on"));
    }
    agreed = absl::CancelledError("stopped on request");
  }
  return agreed;
}

bool ProcessGroup::ClaimFailure() {
  try {
    return state_->store->add(kFailureKey, 1) == 1;
  } catch (const std::exception&) {
    // The store went with its server; when that is the launcher, or rank 0,
    // nobody listens to us, or everybody says so.
    return !state_->rendezvous.store_is_served;
  }
}

absl::Status ProcessGroup::Shutdown() {
  RETURN_IF_ERROR(Agree(absl::OkStatus()));
  return Guarded([&] {
    state_->group->shutdown();
    state_->group.reset();
    // Rank 0 may serve the store, so it leaves last.
    state_->store->add(kGoneKey, 1);
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (rank() == 0 && !state_->rendezvous.store_is_served &&
           state_->store->add(kGoneKey, 0) < world_size() &&
           absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(5));
    }
  });
}

struct RendezvousServer::State {
  c10::intrusive_ptr<c10d::TCPStore> store;
};

absl::StatusOr<std::unique_ptr<RendezvousServer>> RendezvousServer::Start() {
  // Bound here, since TCPStore itself would listen on every interface.
  FileDescriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!socket_fd.valid() || bind(socket_fd.get(), generic, size) != 0 ||
      getsockname(socket_fd.get(), generic, &size) != 0) {
    return ErrnoStatus("bind", "127.0.0.1", errno);
  }
  c10d::TCPStoreOptions options;
  options.port = ntohs(address.sin_port);
  options.isServer = true;
  options.waitWorkers = false;
  options.masterListenFd = static_cast<size_t>(dup(socket_fd.get()));
  try {
    auto state = std::make_unique<State>();
    state->store = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
    return std::unique_ptr<RendezvousServer>(
        new RendezvousServer(std::move(state)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("cannot serve the ranks on 127.0.0.1:", options.port, ": ",
                     CollectiveError(error.what()).message()));
  }
}

RendezvousServer::RendezvousServer(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
RendezvousServer::~RendezvousServer() = default;
int RendezvousServer::port() const { return state_->store->getPort(); }

absl::Status CollectiveError(absl::string_view what) {
  const absl::string_view line = what.substr(0, what.find('\n'));
  for (const absl::string_view sign : {"gloo", "NCCL", "Connection closed",
                                       "Connection reset", "Broken pipe"}) {
    if (!absl::StrContains(what, sign)) continue;
    return absl::UnavailableError(absl::StrCat("another rank is gone: ", line));
  }
  return absl::InternalError(line);
}

}  // namespace verso
