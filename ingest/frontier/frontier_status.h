#ifndef VERSO_INGEST_FRONTIER_FRONTIER_STATUS_H_
#define VERSO_INGEST_FRONTIER_FRONTIER_STATUS_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "proto/frontier_service.pb.h"

namespace verso {

// What a frontier in a directory knows, also while another process has it open.
// kNotFound: there is none.
absl::StatusOr<StatusResponse> ReadFrontierStatus(
    const std::filesystem::path& dir);

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_FRONTIER_STATUS_H_
