#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/remote_shard_store.h"
#include "shardstore/shard_store.h"
#include "common/rpc/server_address.h"

namespace verso {

absl::StatusOr<std::unique_ptr<ShardStore>> OpenShardStore(
    absl::string_view location, StoreAccess access) {
  if (IsServerAddress(location)) return RemoteShardStore::Connect(location);
  if (location.empty()) {
    return absl::InvalidArgumentError(
        "the store's location is empty: pass a directory, host:port or "
        "unix:/path");
  }
  return LocalShardStore::Open(ResolveUserPath(location), access);
}

}  // namespace verso
