#ifndef VERSO_SHARDSTORE_RECORD_QUERY_H_
#define VERSO_SHARDSTORE_RECORD_QUERY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/record.pb.h"

namespace verso {

// kInvalidArgument names the field: a negative number, a label that is none, a
// record id that is not 32 lower-case hex digits.
absl::Status CheckQuery(const RecordQuery& query);

// 32 lower-case hex digits.
bool IsRecordId(absl::string_view id);

// Whether the record is selected; `limit` is not looked at. `provenance` is
// what holds now (judgement.h).
bool Matches(const RecordQuery& query, absl::string_view record_id,
             const Provenance& provenance);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECORD_QUERY_H_
