#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_WORK_LINKS_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_WORK_LINKS_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/record.pb.h"

namespace verso {

// kInvalidArgument names what is wrong: an id that is not 32 lower-case hex
// digits, a record linked with itself, no relation, a correlation outside
// [-1, 1], a method version below 1.
absl::Status CheckLink(const WorkLink& link);

// The ids of both records, the smaller one first.
std::pair<std::string, std::string> PairOf(const WorkLink& link);

// The last link of each pair in a ledger, without those that were taken back;
// ordered by the pair. Links are nowhere else: an index that is built anew
// loses none. Errors as ReadLedger().
absl::StatusOr<std::vector<WorkLink>> ReadWorkLinks(
    const std::filesystem::path& ledger);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_WORK_LINKS_H_
