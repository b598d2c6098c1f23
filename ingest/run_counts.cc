#include "ingest/run_counts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace verso {

void RunCounts::AddFetched() {
  absl::MutexLock lock(&mu_);
  counts_.set_fetched(counts_.fetched() + 1);
}

void RunCounts::AddStored() {
  absl::MutexLock lock(&mu_);
  counts_.set_stored(counts_.stored() + 1);
}

void RunCounts::AddDuplicate() {
  absl::MutexLock lock(&mu_);
  counts_.set_duplicate(counts_.duplicate() + 1);
}

void RunCounts::AddUnchanged() {
  absl::MutexLock lock(&mu_);
  counts_.set_unchanged(counts_.unchanged() + 1);
}

void RunCounts::AddQuarantined() {
  absl::MutexLock lock(&mu_);
  counts_.set_quarantined(counts_.quarantined() + 1);
}

void RunCounts::AddRefused(absl::string_view reason) {
  absl::MutexLock lock(&mu_);
  ++(*counts_.mutable_refused())[std::string(reason)];
}

SourceCounts RunCounts::Get() const {
  absl::MutexLock lock(&mu_);
  return counts_;
}

void CountFetched(RunCounts& run, SourceCounts& pending) {
  run.AddFetched();
  pending.set_fetched(pending.fetched() + 1);
}

void CountRefused(absl::string_view reason, RunCounts& run,
                  SourceCounts& pending) {
  run.AddRefused(reason);
  ++(*pending.mutable_refused())[std::string(reason)];
}

bool CountOutcome(const AppendedRecord& outcome, RunCounts& run,
                  SourceCounts& pending) {
  switch (outcome.outcome()) {
    case APPEND_OUTCOME_STORED:
      run.AddStored();
      pending.set_stored(pending.stored() + 1);
      return true;
    case APPEND_OUTCOME_DUPLICATE:
      run.AddDuplicate();
      pending.set_duplicate(pending.duplicate() + 1);
      return true;
    case APPEND_OUTCOME_QUARANTINED:
      run.AddQuarantined();
      pending.set_quarantined(pending.quarantined() + 1);
      return true;
    default:
      CountRefused(absl::StrCat("store: ", outcome.reason()), run, pending);
      return false;
  }
}

std::string FormatCounts(const SourceCounts& counts) {
  std::string text =
      absl::StrCat("fetched ", counts.fetched(), ", stored ", counts.stored(),
                   ", duplicate ", counts.duplicate());
  if (counts.unchanged() > 0) {
    absl::StrAppend(&text, ", unchanged ", counts.unchanged());
  }
  if (counts.quarantined() > 0) {
    absl::StrAppend(&text, ", quarantined ", counts.quarantined());
  }
  absl::StrAppend(&text, ", refused ", TotalRefused(counts));
  const std::string reasons = FormatRefused(counts);
  if (!reasons.empty()) absl::StrAppend(&text, " (", reasons, ")");
  return text;
}

std::string FormatRefused(const SourceCounts& counts) {
  std::vector<std::pair<int64_t, std::string>> reasons;
  for (const auto& [reason, count] : counts.refused()) {
    reasons.emplace_back(-count, reason);
  }
  std::sort(reasons.begin(), reasons.end());
  return absl::StrJoin(reasons, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, -entry.first, " ", entry.second);
  });
}

int64_t TotalRefused(const SourceCounts& counts) {
  int64_t total = 0;
  for (const auto& [reason, count] : counts.refused()) total += count;
  return total;
}

}  // namespace verso
