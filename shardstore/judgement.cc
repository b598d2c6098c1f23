#include "shardstore/judgement.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/ledger.h"
#include "shardstore/record_query.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

constexpr size_t kMaxWhoBytes = 256;

bool IsAiLabel(Label label) {
  return label == LABEL_GENERATED || label == LABEL_MIXED;
}

}  // namespace

absl::Status CheckJudgement(const Judgement& judgement) {
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "judgement of record '", judgement.record_id(), "': ", what));
  };
  if (!IsRecordId(judgement.record_id())) {
    return wrong("that is no record id of 32 hex digits");
  }
  switch (judgement.action()) {
    case JUDGEMENT_ACTION_QUARANTINE:
      if (judgement.reason().empty())
        return wrong("a quarantine needs a reason");
      break;
    case JUDGEMENT_ACTION_RELEASE:
      break;
    case JUDGEMENT_ACTION_LABEL:
      if (!Label_IsValid(judgement.label()) ||
          !LabelEvidence_IsValid(judgement.evidence())) {
        return wrong("there is no such label or evidence");
      }
      break;
    default:
      return wrong("its action is none of quarantine, release, label");
  }
  if (judgement.reason().size() > kMaxReasonBytes ||
      judgement.who().size() > kMaxWhoBytes) {
    return wrong("its reason exceeds 1 KiB or its author 256 bytes");
  }
  // Protobuf reads no text back that is not UTF-8.
  if (!Judgement().ParseFromString(judgement.SerializeAsString())) {
    return wrong("its texts are not UTF-8");
  }
  return absl::OkStatus();
}

void TakeIn(const Judgement& judgement, JudgedRecord& judged) {
  if (judgement.action() == JUDGEMENT_ACTION_LABEL) {
    *judged.mutable_label() = judgement;
  } else {
    *judged.mutable_quarantine() = judgement;
  }
}

void Overlay(const JudgedRecord& judged, Provenance& provenance) {
  if (judged.has_quarantine()) {
    const Judgement& last = judged.quarantine();
    provenance.set_quarantine(
        last.action() == JUDGEMENT_ACTION_QUARANTINE ? last.reason() : "");
  }
  if (judged.has_label()) {
    provenance.set_label(judged.label().label());
    provenance.set_label_evidence(judged.label().evidence() ==
                                          LABEL_EVIDENCE_UNKNOWN
                                      ? LABEL_EVIDENCE_INFERRED
                                      : judged.label().evidence());
  }
}

void TakeIn(const LedgerEntry& entry, JudgedRecords& judged) {
  if (!entry.has_judgement()) return;
  TakeIn(entry.judgement(), judged[entry.judgement().record_id()]);
}

absl::StatusOr<JudgedRecords> ReadJudgements(
    const std::filesystem::path& ledger) {
  JudgedRecords judged;
  RETURN_IF_ERROR(ReadLedger(ledger, [&](const LedgerEntry& entry) {
                    TakeIn(entry, judged);
                  }).status());
  return judged;
}

Judgement QuarantineOf(absl::string_view record_id, absl::string_view reason,
                       absl::string_view who) {
  Judgement judgement;
  judgement.set_record_id(std::string(record_id));
  judgement.set_action(JUDGEMENT_ACTION_QUARANTINE);
  judgement.set_reason(std::string(reason));
  judgement.set_who(std::string(who));
  return judgement;
}

std::string ContradictionOf(const Provenance& stored, const Provenance& seen) {
  const bool contradict =
      (stored.label() == LABEL_HUMAN && IsAiLabel(seen.label())) ||
      (seen.label() == LABEL_HUMAN && IsAiLabel(stored.label()));
  if (!contradict) return "";
  return absl::StrCat("the same bytes are ", LabelName(stored.label()), " in ",
                      stored.source(), " and ", LabelName(seen.label()), " in ",
                      seen.source());
}

}  // namespace verso
