#ifndef VERSO_COMMON_RPC_GRPC_RUNTIME_H_
#define VERSO_COMMON_RPC_GRPC_RUNTIME_H_

namespace verso {

// Call before gRPC is used; calls after the first do nothing. Keeps gRPC
// running until the process ends, and its own lines off stderr unless the
// environment has GRPC_VERBOSITY. Thread-safe.
void StartGrpc();

}  // namespace verso

#endif  // VERSO_COMMON_RPC_GRPC_RUNTIME_H_
