#include "shardstore/near_duplicates/work_links.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/ledger.h"
#include "shardstore/record_query.h"

namespace verso {
namespace {

absl::Status Malformed(const WorkLink& link, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "link of '", link.record_id(), "' and '", link.other_id(), "': ", what));
}

}  // namespace

absl::Status CheckLink(const WorkLink& link) {
  if (!IsRecordId(link.record_id()) || !IsRecordId(link.other_id())) {
    return Malformed(link, "a record id has 32 lower-case hex digits");
  }
  if (link.record_id() == link.other_id()) {
    return Malformed(link, "a record is not linked with itself");
  }
  if (link.relation() == WORK_RELATION_UNKNOWN ||
      !WorkRelation_IsValid(link.relation())) {
    return Malformed(link, "it has no relation");
  }
  if (!(std::abs(link.correlation()) <= 1)) {
    return Malformed(link, "its correlation is not in [-1, 1]");
  }
  if (link.method_version() < 1) {
    return Malformed(link, "its method has no version");
  }
  return absl::OkStatus();
}

std::pair<std::string, std::string> PairOf(const WorkLink& link) {
  return std::minmax(link.record_id(), link.other_id());
}

absl::StatusOr<std::vector<WorkLink>> ReadWorkLinks(
    const std::filesystem::path& ledger) {
  std::map<std::pair<std::string, std::string>, WorkLink> last;
  const auto visit = [&](const LedgerEntry& entry) {
    if (!entry.has_work_link()) return;
    const WorkLink& link = entry.work_link();
    if (link.relation() == WORK_RELATION_DIFFERENT) {
      last.erase(PairOf(link));
    } else {
      last[PairOf(link)] = link;
    }
  };
  RETURN_IF_ERROR(ReadLedger(ledger, visit).status());
  std::vector<WorkLink> links;
  links.reserve(last.size());
  for (auto& [pair, link] : last) links.push_back(std::move(link));
  return links;
}

}  // namespace verso
