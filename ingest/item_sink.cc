#include "ingest/item_sink.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"

namespace verso {
namespace {

constexpr size_t kBatchItems = 1000;
constexpr size_t kBatchRecords = 32;
constexpr size_t kBatchBytes = 8 << 20;

}  // namespace

ItemSink::ItemSink(const Context& context, const WorkItem& item,
                   const HttpHead& head)
    : context_(context), item_(item), head_(head) {}

absl::Status ItemSink::AddItem(WorkItem item) {
  RETURN_IF_ERROR(CheckNotStopped());
  items_.push_back(std::move(item));
  return items_.size() < kBatchItems ? absl::OkStatus() : FlushItems();
}

absl::Status ItemSink::AddRecord(Record record) {
  RETURN_IF_ERROR(CheckNotStopped());
  Provenance& provenance = *record.mutable_provenance();
  provenance.set_source(item_.source());
  provenance.mutable_consent_signals()->Assign(context_.consent_signals.begin(),
                                               context_.consent_signals.end());
  if (provenance.source_item_id().empty()) {
    provenance.set_source_item_id(item_.id());
  }
  if (IsArchive()) {
    absl::StatusOr<bool> done =
        context_.frontier->IsDone(item_.source(), provenance.source_item_id());
    if (!done.ok()) return Fatal(done.status());
    if (*done) return absl::OkStatus();
    const SourceCounts so_far = context_.frontier->Counts(item_.source());
    if (context_.limit > 0 && so_far.stored() + so_far.duplicate() +
                                      static_cast<int64_t>(records_.size()) >=
                                  context_.limit) {
      limit_reached_ = true;
      return absl::OutOfRangeError("the limit of records is reached");
    }
  }
  const absl::Status complete =
      CompleteRecord(head_, fetched_at_, context_.worker, record);
  if (IsWebPage(complete) && !IsArchive()) {
    refused_ = complete;  // Nothing was fetched: it may be asked for again.
    return absl::OkStatus();
  }
  context_.counts->AddFetched();
  delta_.set_fetched(delta_.fetched() + 1);
  if (!complete.ok()) {
    RefuseRecord(complete, provenance.source_item_id());
    return absl::OkStatus();
  }
  record_bytes_ += record.image().size();
  records_.push_back(std::move(record));
  const bool full =
      records_.size() >= kBatchRecords || record_bytes_ >= kBatchBytes;
  return full ? FlushRecords() : absl::OkStatus();
}

void ItemSink::RefuseRecord(const absl::Status& why, std::string id) {
  CountRefused(RefusalReason(why));
  if (IsArchive()) {
    member_ids_.push_back(std::move(id));
  } else {
    refused_ = why;
  }
}

absl::Status ItemSink::Refuse(absl::string_view reason,
                              absl::string_view item_id) {
  if (!item_id.empty()) {
    const absl::StatusOr<bool> first =
        context_.frontier->MarkRefused(item_.source(), item_id, reason);
    if (!first.ok()) return Fatal(first.status());
    if (!*first) return absl::OkStatus();
  }
  CountRefused(reason);
  return absl::OkStatus();
}

void ItemSink::CountRefused(absl::string_view reason) {
  context_.counts->AddRefused(reason);
  ++(*delta_.mutable_refused())[std::string(reason)];
}

absl::Status ItemSink::AddNote(absl::string_view key, const Provenance& note) {
  return Fatal(context_.frontier->AddNote(item_.source(), key, note));
}

absl::StatusOr<std::optional<Provenance>> ItemSink::FindNote(
    absl::string_view key) {
  auto note = context_.frontier->FindNote(item_.source(), key);
  if (!note.ok()) return Fatal(note.status());
  return note;
}

absl::Status ItemSink::Flush() {
  RETURN_IF_ERROR(fatal_);
  RETURN_IF_ERROR(FlushItems());
  return FlushRecords();
}

absl::Status ItemSink::FlushItems() {
  if (items_.empty()) return absl::OkStatus();
  const absl::Status status = context_.frontier->Add(items_).status();
  items_.clear();
  return Fatal(status);
}

absl::Status ItemSink::FlushRecords() {
  std::vector<std::string> ids;
  for (const Record& record : records_) {
    ids.push_back(record.provenance().source_item_id());
  }
  auto outcomes = context_.appender->Append(std::exchange(records_, {}));
  record_bytes_ = 0;
  if (!outcomes.ok()) return Fatal(outcomes.status());
  for (const AppendedRecord& outcome : *outcomes) {
    if (outcome.outcome() == APPEND_OUTCOME_STORED) {
      context_.counts->AddStored();
      delta_.set_stored(delta_.stored() + 1);
    } else if (outcome.outcome() == APPEND_OUTCOME_DUPLICATE) {
      context_.counts->AddDuplicate();
      delta_.set_duplicate(delta_.duplicate() + 1);
    } else {
      CountRefused("store: " + outcome.reason());
      if (!IsArchive()) refused_ = Malformed("store", outcome.reason());
    }
  }
  if (!IsArchive()) return absl::OkStatus();
  // Members are marked as they are acknowledged: a kill in the middle of an
  // archive costs one batch.
  member_ids_.insert(member_ids_.end(), ids.begin(), ids.end());
  return Fatal(context_.frontier->MarkDone(item_.source(),
                                           std::exchange(member_ids_, {}),
                                           std::exchange(delta_, {})));
}

// Remembers a failure of the store or the frontier as such.
absl::Status ItemSink::Fatal(absl::Status status) {
  if (!status.ok() && fatal_.ok()) fatal_ = status;
  return status;
}

}  // namespace verso
