#include "shardstore/grpc_status.h"

#include <string>

namespace verso {

RpcPeer StorePeer(absl::string_view address) {
  return {.name = "the store server",
          .address = std::string(address),
          .start = "bazel run //shardstore -- serve"};
}

absl::Status FromGrpcStatus(const grpc::Status& status,
                            absl::string_view address) {
  return FromGrpcStatus(status, StorePeer(address));
}

}  // namespace verso
