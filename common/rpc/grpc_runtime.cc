#include "common/rpc/grpc_runtime.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include <cstdlib>

namespace verso {

void StartGrpc() {
  static const bool started = [] {
    // Its errors come as statuses, and ours say more.
    if (std::getenv("GRPC_VERBOSITY") == nullptr) {
      gpr_set_log_function([](gpr_log_func_args*) {});
    }
    // Never given back: when its last user goes, gRPC 1.51 joins a thread that
    // may be polling for ten more seconds.
    grpc_init();
    return true;
  }();
  (void)started;
}

}  // namespace verso
