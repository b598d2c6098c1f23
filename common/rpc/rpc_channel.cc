#include "common/rpc/rpc_channel.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/rpc/grpc_runtime.h"
#include "common/rpc/message_limit.h"

namespace verso {
namespace {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments args;
  args.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   args);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectRpc(
    const RpcPeer& peer, absl::Duration timeout) {
  constexpr auto kSlice = std::chrono::milliseconds(100);
  StartGrpc();
  std::shared_ptr<grpc::Channel> channel = MakeChannel(peer.address);
  const absl::Time deadline = absl::Now() + timeout;
  while (
      !channel->WaitForConnected(std::chrono::system_clock::now() + kSlice)) {
    RETURN_IF_ERROR(CheckNotStopped());
    if (absl::Now() < deadline) continue;
    return absl::UnavailableError(absl::StrCat(
        "no answer from ", peer.name, " at ", peer.address, " within ",
        absl::FormatDuration(timeout), "; start one with `", peer.start,
        "` or give a directory instead"));
  }
  return channel;
}

}  // namespace verso
