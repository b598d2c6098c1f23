#ifndef VERSO_SHARDSTORE_GRPC_STATUS_H_
#define VERSO_SHARDSTORE_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace verso {

// The same code; the message is cut where gRPC's headers would not carry it.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The same code and message, but for what gRPC itself says when the server
// cannot be reached or does not answer in time: kUnavailable with a sentence
// that names `address` and says what to do.
absl::Status FromGrpcStatus(const grpc::Status& status,
                            absl::string_view address);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_GRPC_STATUS_H_
