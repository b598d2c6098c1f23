#include "ingest/item_sink.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "ingest/frontier/source_counts.h"
#include "ingest/text_encoding.h"

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
  if (!IsUtf8(item.id()) || !IsUtf8(item.url())) return Refuse("bad URL", "");
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
  if (IsArchive()) RETURN_IF_ERROR(CheckRoom());
  record_bytes_ += record.image().size();
  records_.push_back(std::move(record));
  const bool full =
      records_.size() >= kBatchRecords || record_bytes_ >= kBatchBytes;
  return full ? FlushRecords() : absl::OkStatus();
}

absl::Status ItemSink::CheckRoom() {
  if (context_.limit == 0) return absl::OkStatus();
  if (!room_) {
    const absl::StatusOr<SourceStatus> status =
        context_.frontier->StatusOf(item_.source());
    if (!status.ok()) return Fatal(status.status());
    room_ = context_.limit - TotalAppended(status->counts());
  }
  if (*room_ > 0) return absl::OkStatus();
  limit_reached_ = true;
  return absl::OutOfRangeError("the limit of records is reached");
}

void ItemSink::RefuseRecord(const absl::Status& why, std::string id) {
  CountRefused(RefusalReason(why), *context_.counts, delta_);
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
  CountRefused(reason, *context_.counts, delta_);
  return absl::OkStatus();
}

absl::Status ItemSink::AddNote(absl::string_view key, const Provenance& note) {
  Note& added = notes_.emplace_back();
  added.set_key(std::string(key));
  added.set_value(note.SerializeAsString());
  return notes_.size() < kBatchItems ? absl::OkStatus() : FlushNotes();
}

absl::StatusOr<std::optional<Provenance>> ItemSink::FindNote(
    absl::string_view key) {
  RETURN_IF_ERROR(FlushNotes());
  const absl::StatusOr<std::optional<std::string>> found =
      context_.frontier->FindNote(item_.source(), key);
  if (!found.ok()) return Fatal(found.status());
  if (!found->has_value()) return std::nullopt;
  Provenance note;
  if (!note.ParseFromString(**found)) {
    return Fatal(absl::DataLossError(
        absl::StrCat("the frontier's note \"", key, "\" of ", item_.source(),
                     " is damaged; give another --frontier and ingest again")));
  }
  return note;
}

absl::Status ItemSink::Flush() {
  RETURN_IF_ERROR(fatal_);
  RETURN_IF_ERROR(FlushItems());
  RETURN_IF_ERROR(FlushNotes());
  return FlushRecords();
}

absl::Status ItemSink::FlushNotes() {
  if (notes_.empty()) return absl::OkStatus();
  return Fatal(
      context_.frontier->PutNotes(item_.source(), std::exchange(notes_, {})));
}

absl::Status ItemSink::FlushItems() {
  if (items_.empty()) return absl::OkStatus();
  const absl::Status status = context_.frontier->Add(items_).status();
  items_.clear();
  return Fatal(status);
}

absl::Status ItemSink::FlushRecords() {
  std::vector<Record> records = std::exchange(records_, {});
  record_bytes_ = 0;
  if (IsArchive()) RETURN_IF_ERROR(DropFinished(records));
  if (room_ && static_cast<int64_t>(records.size()) > *room_) {
    records.resize(*room_);
    limit_reached_ = true;
  }
  RETURN_IF_ERROR(Complete(records));
  RETURN_IF_ERROR(Append(std::move(records)));
  if (!IsArchive()) return absl::OkStatus();
  // Members are marked as they are acknowledged: a kill in the middle of an
  // archive costs one batch.
  return Fatal(context_.frontier->MarkDone(item_.source(),
                                           std::exchange(member_ids_, {}),
                                           std::exchange(delta_, {})));
}

// Takes out what an earlier run has stored or refused.
absl::Status ItemSink::DropFinished(std::vector<Record>& records) {
  std::vector<std::string> ids;
  for (const Record& record : records) {
    ids.push_back(record.provenance().source_item_id());
  }
  const absl::StatusOr<std::vector<bool>> finished =
      context_.frontier->FindFinished(item_.source(), ids);
  if (!finished.ok()) return Fatal(finished.status());
  std::vector<Record> left;
  for (size_t i = 0; i < records.size(); ++i) {
    if (!(*finished)[i]) left.push_back(std::move(records[i]));
  }
  records = std::move(left);
  return absl::OkStatus();
}

// Leaves those that are pictures, with all that can be read from them.
absl::Status ItemSink::Complete(std::vector<Record>& records) {
  const std::vector<absl::Status> statuses =
      CompleteRecords(head_, fetched_at_, context_.worker, *context_.images,
                      absl::MakeSpan(records));
  std::vector<Record> complete;
  for (size_t i = 0; i < records.size(); ++i) {
    const absl::Status& status = statuses[i];
    if (absl::IsUnavailable(status) || absl::IsFailedPrecondition(status)) {
      return Fatal(status);  // Not the picture's fault.
    }
    if (IsWebPage(status) && !IsArchive()) {
      refused_ = status;  // Nothing was fetched: it may be asked for again.
      continue;
    }
    CountFetched(*context_.counts, delta_);
    std::string id = records[i].provenance().source_item_id();
    if (!status.ok()) {
      RefuseRecord(status, std::move(id));
      continue;
    }
    if (IsArchive()) member_ids_.push_back(std::move(id));
    complete.push_back(std::move(records[i]));
  }
  records = std::move(complete);
  return absl::OkStatus();
}

absl::Status ItemSink::Append(std::vector<Record> records) {
  const auto outcomes = context_.appender->Append(std::move(records));
  if (!outcomes.ok()) return Fatal(outcomes.status());
  for (const AppendedRecord& outcome : *outcomes) {
    if (!CountOutcome(outcome, *context_.counts, delta_)) {
      if (!IsArchive()) refused_ = Malformed("store", outcome.reason());
      continue;
    }
    if (room_) --*room_;
  }
  return absl::OkStatus();
}

// Remembers a failure of the store or the frontier as such.
absl::Status ItemSink::Fatal(absl::Status status) {
  if (!status.ok() && fatal_.ok()) fatal_ = status;
  return status;
}

}  // namespace verso
