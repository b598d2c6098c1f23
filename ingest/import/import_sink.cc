#include "ingest/import/import_sink.h"

#include <algorithm>
#include <atomic>
#include <thread>
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

absl::Status CompletePicture(const WorkerName& worker,
                             ImportedPicture& picture) {
  const Provenance said = picture.record.provenance();
  if (picture.is_record && said.sha256() != Sha256Hex(picture.record.image())) {
    return Malformed("wrong checksum",
                     "the bytes are not those that its JSON speaks of");
  }
  RETURN_IF_ERROR(
      CompleteRecord(HttpHead(), absl::Now(), worker, picture.record));
  Provenance& provenance = *picture.record.mutable_provenance();
  provenance.set_stand_in(said.stand_in());
  if (picture.is_record) KeepFetching(said, provenance);
  return absl::OkStatus();
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

void ImportSink::Complete(std::vector<absl::Status>& statuses) {
  statuses.resize(pictures_.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < pictures_.size(); i = next++) {
      statuses[i] = CompletePicture(worker_, pictures_[i]);
    }
  };
  const size_t threads = std::min<size_t>(
      static_cast<size_t>(std::max(context_.parallel, 1)), pictures_.size());
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

absl::Status ImportSink::Flush() {
  if (pictures_.empty()) return absl::OkStatus();
  std::vector<absl::Status> statuses;
  Complete(statuses);
  std::vector<std::string> ids;
  std::vector<Record> records;
  const auto refuse = [&](const std::string& reason) {
    context_.counts->AddRefused(reason);
    ++(*delta_.mutable_refused())[reason];
  };
  for (size_t i = 0; i < pictures_.size(); ++i) {
    context_.counts->AddFetched();
    delta_.set_fetched(delta_.fetched() + 1);
    ids.push_back(std::move(pictures_[i].id));
    if (statuses[i].ok()) {
      records.push_back(std::move(pictures_[i].record));
    } else {
      refuse(RefusalReason(statuses[i]));
    }
  }
  pictures_.clear();
  bytes_ = 0;
  if (!records.empty()) {
    ASSIGN_OR_RETURN(const std::vector<AppendedRecord> outcomes,
                     context_.appender->Append(std::move(records)));
    for (const AppendedRecord& outcome : outcomes) {
      if (outcome.outcome() == APPEND_OUTCOME_STORED) {
        context_.counts->AddStored();
        delta_.set_stored(delta_.stored() + 1);
      } else if (outcome.outcome() == APPEND_OUTCOME_DUPLICATE) {
        context_.counts->AddDuplicate();
        delta_.set_duplicate(delta_.duplicate() + 1);
      } else {
        refuse("store: " + outcome.reason());
      }
    }
  }
  return context_.frontier->MarkDone(context_.source, ids,
                                     std::exchange(delta_, {}));
}

}  // namespace verso
