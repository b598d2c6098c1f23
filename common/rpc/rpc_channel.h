#ifndef VERSO_COMMON_RPC_RPC_CHANNEL_H_
#define VERSO_COMMON_RPC_RPC_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/rpc_status.h"

namespace verso {

// A channel to a server that answers. It connects again by itself, within two
// seconds of the server's return; no proxy of the environment is used.
// kUnavailable: nobody answers within `timeout`. kCancelled: this process was
// asked to stop (stop_signal.h).
absl::StatusOr<std::shared_ptr<grpc::Channel>> ConnectRpc(
    const RpcPeer& peer, absl::Duration timeout);

}  // namespace verso

#endif  // VERSO_COMMON_RPC_RPC_CHANNEL_H_
