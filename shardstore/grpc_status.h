#ifndef VERSO_SHARDSTORE_GRPC_STATUS_H_
#define VERSO_SHARDSTORE_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/rpc_status.h"

namespace verso {

// The store server at `address`.
RpcPeer StorePeer(absl::string_view address);

// FromGrpcStatus() of the store server at `address`.
absl::Status FromGrpcStatus(const grpc::Status& status,
                            absl::string_view address);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_GRPC_STATUS_H_
