#include "shardstore/judgement_table.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "shardstore/judgement.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

using Row = std::vector<std::string>;
using Columns = std::map<std::string, size_t>;

constexpr std::pair<absl::string_view, JudgementAction> kActions[] = {
    {"quarantine", JUDGEMENT_ACTION_QUARANTINE},
    {"release", JUDGEMENT_ACTION_RELEASE},
    {"label", JUDGEMENT_ACTION_LABEL},
};

std::string FieldOf(const Columns& columns, const Row& row, const char* name) {
  const auto column = columns.find(name);
  if (column == columns.end() || column->second >= row.size()) return "";
  return row[column->second];
}

absl::StatusOr<LabelEvidence> EvidenceOfName(const std::string& name) {
  LabelEvidence evidence = LABEL_EVIDENCE_INFERRED;
  if (name.empty() ||
      LabelEvidence_Parse(
          absl::StrCat("LABEL_EVIDENCE_", absl::AsciiStrToUpper(name)),
          &evidence)) {
    return evidence;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no evidence '", name, "'"));
}

absl::StatusOr<Judgement> JudgementOf(const Columns& columns, const Row& row) {
  Judgement judgement;
  judgement.set_record_id(FieldOf(columns, row, "record_id"));
  judgement.set_reason(FieldOf(columns, row, "reason"));
  const std::string action = FieldOf(columns, row, "action");
  for (const auto& [name, value] : kActions) {
    if (action == name) judgement.set_action(value);
  }
  if (judgement.action() == JUDGEMENT_ACTION_LABEL) {
    ASSIGN_OR_RETURN(const Label label,
                     LabelOfName(FieldOf(columns, row, "label")));
    ASSIGN_OR_RETURN(const LabelEvidence evidence,
                     EvidenceOfName(FieldOf(columns, row, "evidence")));
    judgement.set_label(label);
    judgement.set_evidence(evidence);
  }
  RETURN_IF_ERROR(CheckJudgement(judgement));
  return judgement;
}

}  // namespace

absl::StatusOr<std::vector<Judgement>> ParseJudgements(absl::string_view csv,
                                                       absl::string_view file,
                                                       absl::string_view who) {
  CsvReader reader(csv);
  const auto wrong = [&](const absl::Status& why) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", reader.line(), ": ", why.message()));
  };
  Columns columns;
  std::vector<Judgement> judgements;
  while (true) {
    absl::StatusOr<std::optional<Row>> row = reader.Next();
    if (!row.ok()) return wrong(row.status());
    if (!row->has_value()) break;
    if (columns.empty()) {
      for (size_t i = 0; i < (*row)->size(); ++i) columns[(**row)[i]] = i;
      if (columns.contains("record_id") && columns.contains("action")) continue;
      return wrong(absl::InvalidArgumentError(
          "the header has no column record_id or none named action"));
    }
    absl::StatusOr<Judgement> judgement = JudgementOf(columns, **row);
    if (!judgement.ok()) return wrong(judgement.status());
    judgement->set_who(std::string(who));
    judgements.push_back(*std::move(judgement));
  }
  if (judgements.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " holds no judgement"));
  }
  return judgements;
}

}  // namespace verso
