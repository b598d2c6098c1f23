#include "ingest/frontier/frontier_status.h"

#include <memory>
#include <string>

#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/kv/kv.h"
#include "ingest/frontier/frontier_rows.h"

namespace verso {

absl::StatusOr<StatusResponse> ReadFrontierStatus(
    const std::filesystem::path& dir) {
  namespace rows = frontier_rows;
  ASSIGN_OR_RETURN(const std::unique_ptr<KvStore> kv, KvStore::OpenToRead(dir));
  StatusResponse response;
  ASSIGN_OR_RETURN(std::unique_ptr<KvCursor> row,
                   kv->ScanPrefix(rows::kSources));
  while (row->Next()) {
    const std::string name(absl::StripPrefix(row->key(), rows::kSources));
    ASSIGN_OR_RETURN((*response.mutable_source())[name],
                     rows::Parse<SourceStatus>(row->key(), row->value()));
  }
  RETURN_IF_ERROR(row->status());
  ASSIGN_OR_RETURN(row, kv->ScanPrefix(rows::kLeases));
  while (row->Next()) {
    absl::string_view name = absl::StripPrefix(row->key(), rows::kLeases);
    name = name.substr(0, name.find('/'));
    SourceStatus& status = (*response.mutable_source())[std::string(name)];
    status.set_leased(status.leased() + 1);
  }
  RETURN_IF_ERROR(row->status());
  ASSIGN_OR_RETURN(row, kv->ScanPrefix(rows::kSessions));
  while (row->Next()) response.set_sessions(response.sessions() + 1);
  RETURN_IF_ERROR(row->status());
  return response;
}

}  // namespace verso
