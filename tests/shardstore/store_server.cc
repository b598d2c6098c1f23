// A store server as its own process: store_server DIR LISTEN PORT_FILE.
#include "common/base/main.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/shard_server.h"

namespace verso {
namespace {

absl::Status Serve(char** argv) {
  ASSIGN_OR_RETURN(const auto store,
                   OpenShardStore(argv[1], StoreAccess::kRead));
  return ServeShards(*store, argv[2], argv[3]);
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  if (argc != 4) return verso::UsageError("store_server DIR LISTEN PORT_FILE");
  verso::InstallStopSignals();
  return verso::ExitCodeOf(verso::Serve(argv));
}
