#include "ingest/import/import_sink.h"

#include <utility>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/http/http_fetcher.h"
#include "ingest/scraper.h"

namespace verso {
namespace {

constexpr size_t kBatchPictures = 64;
constexpr size_t kBatchBytes = 16 << 20;

// What `kept`, of another store, says of its fetching.
void KeepFetching(const Provenance& kept, Provenance& provenance) {
  provenance.set_fetched_at(kept.fetched_at());
  provenance.set_http_status(kept.http_status());
  provenance.set_etag(kept.etag());
  provenance.set_last_modified(kept.last_modified());
  provenance.set_content_type(kept.content_type());
  provenance.set_worker(kept.worker());
  provenance.set_worker_version(kept.worker_version());
}

// What another store says of a picture must be true of its bytes.
absl::Status CheckBytes(const ImportedPicture& picture) {
  if (!picture.is_record || picture.record.provenance().sha256() ==
                                Sha256Hex(picture.record.image())) {
    return absl::OkStatus();
  }
  return Malformed("wrong checksum",
                   "the bytes are not those that its JSON speaks of");
}

}  // namespace

ImportSink::ImportSink(Context context) : context_(std::move(context)) {}

absl::Status ImportSink::Add(ImportedPicture picture) {
  bytes_ += picture.record.image().size();
  pictures_.push_back(std::move(picture));
  const bool full = pictures_.size() >= kBatchPictures || bytes_ >= kBatchBytes;
  return full ? Flush() : absl::OkStatus();
}

void ImportSink::Refuse(absl::string_view reason, int64_t count) {
  for (int64_t i = 0; i < count; ++i) context_.counts->AddRefused(reason);
}

// What there is of `pictures_` in records, complete, in order.
std::vector<Record> ImportSink::Complete(std::vector<absl::Status>& statuses) {
  std::vector<Record> records;
  std::vector<Provenance> said;
  for (ImportedPicture& picture : pictures_) {
    statuses.push_back(CheckBytes(picture));
    said.push_back(picture.record.provenance());
    records.push_back(std::move(picture.record));
  }
  const std::vector<absl::Status> completed =
      CompleteRecords(HttpHead(), absl::Now(), worker_, *context_.images,
                      absl::MakeSpan(records));
  for (size_t i = 0; i < records.size(); ++i) {
    statuses[i].Update(completed[i]);
    Provenance& provenance = *records[i].mutable_provenance();
    provenance.set_stand_in(said[i].stand_in());
    if (pictures_[i].is_record) KeepFetching(said[i], provenance);
  }
  return records;
}

absl::Status ImportSink::Flush() {
  if (pictures_.empty()) return absl::OkStatus();
  std::vector<absl::Status> statuses;
  std::vector<Record> complete = Complete(statuses);
  std::vector<std::string> ids;
  std::vector<Record> records;
  for (size_t i = 0; i < pictures_.size(); ++i) {
    if (absl::IsUnavailable(statuses[i]) ||
        absl::IsFailedPrecondition(statuses[i])) {
      return statuses[i];  // Not the picture's fault.
    }
    CountFetched(*context_.counts, delta_);
    ids.push_back(std::move(pictures_[i].id));
    if (statuses[i].ok()) {
      records.push_back(std::move(complete[i]));
    } else {
      CountRefused(RefusalReason(statuses[i]), *context_.counts, delta_);
    }
  }
  pictures_.clear();
  bytes_ = 0;
  if (!records.empty()) {
    ASSIGN_OR_RETURN(const std::vector<AppendedRecord> outcomes,
                     context_.appender->Append(std::move(records)));
    for (const AppendedRecord& outcome : outcomes) {
      CountOutcome(outcome, *context_.counts, delta_);
    }
  }
  return context_.frontier->MarkDone(context_.source, ids,
                                     std::exchange(delta_, {}));
}

}  // namespace verso
