#ifndef VERSO_SHARDSTORE_JUDGEMENT_H_
#define VERSO_SHARDSTORE_JUDGEMENT_H_

#include <filesystem>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/ledger.pb.h"
#include "proto/record.pb.h"
#include "proto/record_index.pb.h"

namespace verso {

// What became known of records after they were stored. Judgements lie in the
// ledger, in the order in which they were made; the last of a kind holds.

inline constexpr size_t kMaxReasonBytes = 1024;

// kInvalidArgument names what is wrong: the record's id, no such action or
// label, a quarantine without a reason, texts that are too long or not UTF-8.
absl::Status CheckJudgement(const Judgement& judgement);

// Takes a later judgement in.
void TakeIn(const Judgement& judgement, JudgedRecord& judged);

// Makes a record's provenance, as it was stored, what holds now: its label,
// label_evidence and quarantine.
void Overlay(const JudgedRecord& judged, Provenance& provenance);

// All that the ledger says, by record id.
using JudgedRecords = absl::flat_hash_map<std::string, JudgedRecord>;
void TakeIn(const LedgerEntry& entry, JudgedRecords& judged);
absl::StatusOr<JudgedRecords> ReadJudgements(
    const std::filesystem::path& ledger);

// The entry that quarantines a record.
Judgement QuarantineOf(absl::string_view record_id, absl::string_view reason,
                       absl::string_view who);

// "the same bytes are human in wga and generated in lexica"; empty when the
// labels do not contradict: one must be human, the other generated or mixed.
std::string ContradictionOf(const Provenance& stored, const Provenance& seen);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_JUDGEMENT_H_
