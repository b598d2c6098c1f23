#ifndef VERSO_SHARDSTORE_JUDGEMENT_TABLE_H_
#define VERSO_SHARDSTORE_JUDGEMENT_TABLE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/record.pb.h"

namespace verso {

// Reads judgements in bulk: CSV (RFC 4180) with a header line that names
// record_id, action (quarantine, release or label), label (human, generated,
// mixed or unknown; where the action is label) and, as one likes, evidence
// (c2pa_present, iptc, dated_before_2022, archive_claim, inferred; inferred
// when empty) and reason, in any order. Others are ignored. `who` is written
// into each.
// kInvalidArgument names `file`, the line and what is wrong with it.
absl::StatusOr<std::vector<Judgement>> ParseJudgements(absl::string_view csv,
                                                       absl::string_view file,
                                                       absl::string_view who);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_JUDGEMENT_TABLE_H_
