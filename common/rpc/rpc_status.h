#ifndef VERSO_COMMON_RPC_RPC_STATUS_H_
#define VERSO_COMMON_RPC_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace verso {

// A server of ours as messages speak of it.
struct RpcPeer {
  std::string name;     // "the store server"
  std::string address;  // "host:7701"
  std::string start;    // What starts one: "bazel run //shardstore -- serve".
};

// The same code; the message is cut where gRPC's headers would not carry it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The same code and message, but for what gRPC itself says when the server
// cannot be reached or does not answer in time: kUnavailable with a sentence
// that names `peer` and says what to do; kFailedPrecondition when what answers
// is no such server.
absl::Status FromGrpcStatus(const grpc::Status& status, const RpcPeer& peer);

}  // namespace verso

#endif  // VERSO_COMMON_RPC_RPC_STATUS_H_
