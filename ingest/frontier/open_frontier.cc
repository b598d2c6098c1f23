#include "absl/status/statusor.h"
#include "common/base/paths.h"
#include "common/rpc/server_address.h"
#include "ingest/frontier/frontier.h"
#include "ingest/frontier/local_frontier.h"
#include "ingest/frontier/remote_frontier.h"

namespace verso {

absl::StatusOr<std::unique_ptr<Frontier>> OpenFrontier(
    absl::string_view location) {
  if (IsServerAddress(location)) return RemoteFrontier::Connect(location);
  return LocalFrontier::Open(ResolveUserPath(location));
}

}  // namespace verso
