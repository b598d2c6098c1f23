#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/csv.h"
#include "common/base/status_macros.h"
#include "ingest/cluster/proposals.h"
#include "shardstore/record_query.h"
#include "shardstore/sample_table.h"

namespace verso {
namespace {

using Row = std::vector<std::string>;

constexpr char kEvidence[] = "inferred";
const char* const kColumns[] = {"record_id", "source",       "item",
                                "cluster",   "distance",     "proposed_label",
                                "evidence",  "anchor_share", "anchors"};

// The fields of a row by the names in the header.
class Columns {
 public:
  explicit Columns(const Row& header) {
    for (size_t i = 0; i < header.size(); ++i) places_.emplace(header[i], i);
  }

  // The first of kColumns that the header lacks.
  std::optional<std::string> Missing() const {
    for (const char* name : kColumns) {
      if (!places_.contains(name)) return name;
    }
    return std::nullopt;
  }

  // kInvalidArgument: the row is too short.
  absl::StatusOr<std::string> Field(const Row& row, const char* name) const {
    const size_t place = places_.at(name);
    if (place < row.size()) return row[place];
    return absl::InvalidArgumentError(absl::StrCat("it has no ", name));
  }

  // kInvalidArgument: not a number within [least, most].
  absl::StatusOr<double> Number(const Row& row, const char* name, double least,
                                double most) const {
    ASSIGN_OR_RETURN(const std::string text, Field(row, name));
    double value = 0;
    if (absl::SimpleAtod(text, &value) && value >= least && value <= most) {
      return value;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "its ", name, " '", text, "' is no number from ", least, " to ", most));
  }

  absl::StatusOr<int64_t> Count(const Row& row, const char* name,
                                int64_t most) const {
    ASSIGN_OR_RETURN(const std::string text, Field(row, name));
    int64_t value = 0;
    if (absl::SimpleAtoi(text, &value) && value >= 0 && value <= most) {
      return value;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "its ", name, " '", text, "' is no whole number from 0 to ", most));
  }

 private:
  std::map<std::string, size_t> places_;
};

absl::StatusOr<Proposal> ProposalOf(const Columns& columns, const Row& row) {
  Proposal proposal;
  ASSIGN_OR_RETURN(proposal.record_id, columns.Field(row, "record_id"));
  if (!IsRecordId(proposal.record_id)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", proposal.record_id, "' is no record id of 32 hex digits"));
  }
  ASSIGN_OR_RETURN(proposal.source, columns.Field(row, "source"));
  ASSIGN_OR_RETURN(proposal.source_item_id, columns.Field(row, "item"));
  ASSIGN_OR_RETURN(const int64_t cluster,
                   columns.Count(row, "cluster", INT32_MAX));
  proposal.cluster = static_cast<int32_t>(cluster);
  ASSIGN_OR_RETURN(proposal.distance, columns.Number(row, "distance", 0, 2));
  ASSIGN_OR_RETURN(const std::string label,
                   columns.Field(row, "proposed_label"));
  ASSIGN_OR_RETURN(proposal.label, LabelOfName(label));
  if (proposal.label == LABEL_MIXED) {
    return absl::InvalidArgumentError("mixed is never proposed");
  }
  ASSIGN_OR_RETURN(const std::string evidence, columns.Field(row, "evidence"));
  if (evidence != kEvidence) {
    return absl::InvalidArgumentError(
        absl::StrCat("its evidence '", evidence, "' is not '", kEvidence, "'"));
  }
  ASSIGN_OR_RETURN(proposal.share, columns.Number(row, "anchor_share", 0, 1));
  ASSIGN_OR_RETURN(proposal.anchors, columns.Count(row, "anchors", INT64_MAX));
  return proposal;
}

}  // namespace

std::string ProposalsToCsv(absl::Span<const Proposal> proposals) {
  std::string csv;
  AppendCsvRow(Row(std::begin(kColumns), std::end(kColumns)), csv);
  for (const Proposal& p : proposals) {
    AppendCsvRow(
        {p.record_id, p.source, p.source_item_id, absl::StrCat(p.cluster),
         absl::StrFormat("%.4f", p.distance), std::string(LabelName(p.label)),
         kEvidence, absl::StrFormat("%.4f", p.share), absl::StrCat(p.anchors)},
        csv);
  }
  return csv;
}

absl::StatusOr<std::vector<Proposal>> ProposalsFromCsv(absl::string_view csv,
                                                       absl::string_view file) {
  CsvReader reader(csv);
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", reader.line(), ": ", why));
  };
  std::optional<Columns> columns;
  std::vector<Proposal> proposals;
  absl::flat_hash_set<std::string> seen;
  while (true) {
    absl::StatusOr<std::optional<Row>> row = reader.Next();
    if (!row.ok()) return wrong(row.status().message());
    if (!row->has_value()) break;
    if (!columns.has_value()) {
      columns.emplace(**row);
      const std::optional<std::string> missing = columns->Missing();
      if (!missing.has_value()) continue;
      return wrong(absl::StrCat("the header has no column ", *missing,
                                ": is this what `cluster` wrote?"));
    }
    absl::StatusOr<Proposal> proposal = ProposalOf(*columns, **row);
    if (!proposal.ok()) return wrong(proposal.status().message());
    if (!seen.insert(proposal->record_id).second) {
      return wrong(
          absl::StrCat("record ", proposal->record_id, " comes a second time"));
    }
    proposals.push_back(*std::move(proposal));
  }
  if (columns.has_value()) return proposals;
  return wrong("there is no header line: is this what `cluster` wrote?");
}

}  // namespace verso
