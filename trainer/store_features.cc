#include "trainer/store_features.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/progress.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "common/safetensors/feature_file.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr char kNetwork[] = "network";
constexpr int kMaxComplaints = 5;

using Ids = absl::flat_hash_set<std::string>;

// Tells of the first few, counts all. Thread-safe.
class Unreadable {
 public:
  void Add(absl::string_view record, const absl::Status& why)
      ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    if (++count_ > kMaxComplaints) return;
    absl::FPrintF(stderr, "warning: record %s is left out: %s\n", record,
                  why.message());
  }
  int64_t count() const ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::MutexLock lock(&mu_);
    return count_;
  }

 private:
  mutable absl::Mutex mu_;
  int64_t count_ ABSL_GUARDED_BY(mu_) = 0;
};

// The next whole record; a damaged one is counted, if that is wanted.
absl::StatusOr<std::optional<Record>> NextWhole(RecordReader& reader,
                                                Unreadable* unreadable) {
  while (true) {
    absl::StatusOr<std::optional<Record>> record = reader.Next();
    if (!absl::IsDataLoss(record.status())) return record;
    if (unreadable != nullptr) unreadable->Add("", record.status());
  }
}

std::string IdOf(const Record& record) {
  return RecordIdOf(record.provenance().sha256());
}

absl::StatusOr<Ids> SelectedIds(ShardStore& store, RecordQuery query) {
  query.set_include_bytes(false);
  ASSIGN_OR_RETURN(const auto reader, store.Query(query));
  Ids ids;
  while (true) {
    RETURN_IF_ERROR(CheckNotStopped());
    ASSIGN_OR_RETURN(const std::optional<Record> record,
                     NextWhole(*reader, nullptr));
    if (!record.has_value()) break;
    ids.insert(IdOf(*record));
  }
  if (!ids.empty()) return ids;
  return absl::NotFoundError(
      "the store has no record that --source and --label select; see `bazel "
      "run //shardstore -- stats`");
}

// The pictures of a query but for some. The ids of those given are in `ids`,
// by their index. Not thread-safe.
class RecordPictures : public ImageSource {
 public:
  // `done` is the ids to leave out, `unreadable` outlives this.
  RecordPictures(std::unique_ptr<RecordReader> reader, Ids done,
                 Unreadable& unreadable)
      : reader_(std::move(reader)),
        done_(std::move(done)),
        unreadable_(unreadable) {}

  absl::StatusOr<std::optional<ClassifierInput>> Next() override {
    while (true) {
      // The end, not an error: what is on its way is still computed.
      if (StopRequested()) return std::nullopt;
      ASSIGN_OR_RETURN(std::optional<Record> record,
                       NextWhole(*reader_, &unreadable_));
      if (!record.has_value()) return std::nullopt;
      std::string id = IdOf(*record);
      if (!done_.insert(id).second) continue;
      const absl::MutexLock lock(&mu_);
      ids_.push_back(id);
      return ClassifierInput{.index = ids_.size() - 1,
                             .sample_id = std::move(id),
                             .image = std::move(*record->mutable_image())};
    }
  }

  // Thread-safe beside Next().
  std::string IdAt(uint64_t index) const {
    const absl::MutexLock lock(&mu_);
    return ids_[index];
  }

 private:
  const std::unique_ptr<RecordReader> reader_;
  Ids done_;
  Unreadable& unreadable_;
  mutable absl::Mutex mu_;
  std::vector<std::string> ids_ ABSL_GUARDED_BY(mu_);
};

// Writes rows and says how far it is. Not thread-safe.
class FeatureRows : public FeatureSink {
 public:
  // All outlive this. `total`: records that are selected.
  FeatureRows(const RecordPictures& pictures, FeatureFileWriter& writer,
              Unreadable& unreadable, int64_t total)
      : pictures_(pictures),
        writer_(writer),
        unreadable_(unreadable),
        kept_(writer.rows()),
        total_(total) {}

  absl::Status Add(const PictureFeatures& features) override {
    const std::string id = pictures_.IdAt(features.index);
    if (features.status.ok()) {
      RETURN_IF_ERROR(writer_.Add(id, features.values));
    } else {
      unreadable_.Add(id, features.status);
    }
    const int64_t seen = ++seen_;
    const double rate =
        seen / std::max(1e-3, absl::ToDoubleSeconds(absl::Now() - start_));
    progress_.Update(absl::StrFormat(
        "features: %d of %d records, %.1f/s, %s left", kept_ + seen, total_,
        rate, FormatTimeLeft(seen, total_ - kept_, start_)));
    return absl::OkStatus();
  }

 private:
  const RecordPictures& pictures_;
  FeatureFileWriter& writer_;
  Unreadable& unreadable_;
  const int64_t kept_, total_;
  int64_t seen_ = 0;
  const absl::Time start_ = absl::Now();
  ProgressLine progress_;
};

// What `out` holds of an earlier run; nothing when there is no such file.
absl::StatusOr<FeatureTable> EarlierRows(const fs::path& out,
                                         const std::string& identity) {
  absl::StatusOr<FeatureTable> earlier = ReadFeatureFile(out);
  if (absl::IsNotFound(earlier.status())) return FeatureTable();
  if (!earlier.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        earlier.status().message(), "; delete it or give another --out"));
  }
  if (earlier->metadata[kNetwork] == identity) return earlier;
  return absl::FailedPreconditionError(absl::StrCat(
      out.string(), " has features of another network (",
      earlier->metadata[kNetwork], "): delete it or give another --out"));
}

// Writes the earlier rows that are still selected; returns their ids.
absl::StatusOr<Ids> KeepRows(const FeatureTable& earlier, const Ids& selected,
                             FeatureFileWriter& writer) {
  Ids kept;
  for (int64_t i = 0; i < earlier.rows(); ++i) {
    const std::string& id = earlier.record_ids[i];
    if (!selected.contains(id)) continue;
    RETURN_IF_ERROR(writer.Add(id, earlier.row(i)));
    kept.insert(id);
  }
  return kept;
}

}  // namespace

absl::StatusOr<FeatureCounts> WriteStoreFeatures(ShardStore& store,
                                                 const RecordQuery& query,
                                                 FeatureExtractor& extractor,
                                                 const fs::path& out) {
  ASSIGN_OR_RETURN(const Ids selected, SelectedIds(store, query));
  ASSIGN_OR_RETURN(
      const auto writer,
      FeatureFileWriter::Create(out, {{kNetwork, extractor.identity()}}));
  Ids kept;
  {
    ASSIGN_OR_RETURN(const FeatureTable earlier,
                     EarlierRows(out, extractor.identity()));
    ASSIGN_OR_RETURN(kept, KeepRows(earlier, selected, *writer));
  }
  FeatureCounts counts{.kept = writer->rows()};
  RecordQuery with_bytes = query;
  with_bytes.set_include_bytes(true);
  ASSIGN_OR_RETURN(auto reader, store.Query(with_bytes));
  Unreadable unreadable;
  RecordPictures pictures(std::move(reader), std::move(kept), unreadable);
  {
    FeatureRows rows(pictures, *writer, unreadable,
                     static_cast<int64_t>(selected.size()));
    RETURN_IF_ERROR(extractor.Extract(pictures, rows));
  }
  counts.computed = writer->rows() - counts.kept;
  counts.unreadable = unreadable.count();
  RETURN_IF_ERROR(writer->Commit());
  RETURN_IF_ERROR(CheckNotStopped());
  return counts;
}

}  // namespace verso
