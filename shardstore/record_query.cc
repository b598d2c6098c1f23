#include "shardstore/record_query.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace verso {
namespace {

constexpr size_t kIdDigits = 32;

// An empty list restricts nothing.
template <typename List, typename Value>
bool Selects(const List& list, const Value& value) {
  return list.empty() ||
         std::find(list.begin(), list.end(), value) != list.end();
}

bool Selects(const std::string& wanted, const std::string& value) {
  return wanted.empty() || wanted == value;
}

}  // namespace

bool IsRecordId(absl::string_view id) {
  return id.size() == kIdDigits &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

absl::Status CheckQuery(const RecordQuery& query) {
  if (query.limit() < 0 || query.min_width() < 0 || query.min_height() < 0) {
    return absl::InvalidArgumentError(
        "query: limit, min_width and min_height must not be negative");
  }
  for (const int label : query.label()) {
    if (!Label_IsValid(label)) {
      return absl::InvalidArgumentError(
          absl::StrCat("query: ", label, " is no label"));
    }
  }
  for (const std::string& id : query.record_id()) {
    if (!IsRecordId(id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("query: '", id, "' is no record id of 32 hex digits"));
    }
  }
  return absl::OkStatus();
}

bool Matches(const RecordQuery& query, absl::string_view record_id,
             const Provenance& provenance) {
  return Selects(query.source(), provenance.source()) &&
         Selects(query.label(), provenance.label()) &&
         Selects(query.collection(), provenance.collection()) &&
         Selects(query.work_key(), provenance.work().work_key()) &&
         Selects(query.source_item_id(), provenance.source_item_id()) &&
         Selects(query.record_id(), record_id) &&
         provenance.width() >= query.min_width() &&
         provenance.height() >= query.min_height() &&
         (query.include_quarantined() || provenance.quarantine().empty());
}

}  // namespace verso
