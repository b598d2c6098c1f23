#include "shardstore/record_index.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "shardstore/judgement.h"
#include "shardstore/record_query.h"

namespace verso {
namespace {

constexpr int kVersion = 2;
constexpr absl::string_view kStateKey = "state";
constexpr absl::string_view kOrder = "order/";
constexpr size_t kPlaceBytes = 6 + 1 + 10;
const char kEnd = '\0';  // Ends a text of any length: "a" is no prefix of "ab".

// "<shard>/<seq>", which sorts as stored.
std::string PlaceOf(const IndexedRecord& record) {
  return absl::StrFormat("%06d/%010d", record.shard_number(), record.seq());
}

std::string OrderKey(absl::string_view place) {
  return absl::StrCat(kOrder, place);
}
std::string IdKey(absl::string_view id) { return absl::StrCat("id/", id); }
std::string JudgedKey(absl::string_view id) {
  return absl::StrCat("judged/", id);
}

std::string ItemPrefix(absl::string_view source, absl::string_view item) {
  std::string key = absl::StrCat("item/", source);
  key.push_back(kEnd);
  absl::StrAppend(&key, item);
  key.push_back(kEnd);
  return key;
}

std::string Prefix(absl::string_view kind, absl::string_view value) {
  std::string key = absl::StrCat(kind, value);
  key.push_back(kEnd);
  return key;
}

std::string SourcePrefix(absl::string_view source) {
  return Prefix("source/", source);
}
std::string WorkPrefix(absl::string_view work) { return Prefix("work/", work); }
std::string LabelPrefix(int label) {
  return Prefix("label/", absl::StrCat(label));
}

// The rows that a single-valued restriction of the query narrows it to, the
// rarest first; all rows when there is none.
std::string NarrowestPrefix(const RecordQuery& query) {
  const bool one_source = query.source_size() == 1;
  if (one_source && !query.source_item_id().empty()) {
    return ItemPrefix(query.source(0), query.source_item_id());
  }
  if (!query.work_key().empty()) return WorkPrefix(query.work_key());
  if (one_source) return SourcePrefix(query.source(0));
  if (query.label_size() == 1) return LabelPrefix(query.label(0));
  return std::string(kOrder);
}

absl::StatusOr<IndexedRecord> ParseRow(absl::string_view place,
                                       absl::string_view value) {
  IndexedRecord record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      PlaceOf(record) != place) {
    return absl::DataLossError(absl::StrCat("index row ", place,
                                            " is damaged; run fsck "
                                            "--rebuild_index"));
  }
  return record;
}

absl::StatusOr<IndexedRecord> ReadRow(const KvStore& kv,
                                      absl::string_view place) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   kv.Get(OrderKey(place)));
  if (!value.has_value()) {
    return absl::DataLossError(absl::StrCat("index row ", place,
                                            " is missing; run fsck "
                                            "--rebuild_index"));
  }
  return ParseRow(place, *value);
}

void PutRow(const IndexedRecord& record, KvBatch& batch) {
  const Provenance& from = record.provenance();
  const std::string place = PlaceOf(record);
  batch.Put(OrderKey(place), record.SerializeAsString());
  batch.Put(IdKey(record.record_id()), place);
  batch.Put(SourcePrefix(from.source()) + place, "");
  batch.Put(LabelPrefix(from.label()) + place, "");
  if (!from.source_item_id().empty()) {
    batch.Put(ItemPrefix(from.source(), from.source_item_id()) + place, "");
  }
  if (!from.work().work_key().empty()) {
    batch.Put(WorkPrefix(from.work().work_key()) + place, "");
  }
}

// Rows under a prefix whose keys end in their place.
class PrefixCursor : public IndexCursor {
 public:
  PrefixCursor(const KvStore* kv, const RecordQuery& query, std::string prefix,
               std::unique_ptr<KvCursor> cursor)
      : kv_(kv),
        query_(query),
        prefix_(std::move(prefix)),
        cursor_(std::move(cursor)) {}

  absl::StatusOr<std::optional<IndexedRecord>> Next() override {
    while (cursor_->Next()) {
      const absl::string_view key = cursor_->key();
      if (key.size() != prefix_.size() + kPlaceBytes) continue;
      const absl::string_view place = key.substr(prefix_.size());
      ASSIGN_OR_RETURN(IndexedRecord record,
                       prefix_ == kOrder ? ParseRow(place, cursor_->value())
                                         : ReadRow(*kv_, place));
      if (Matches(query_, record.record_id(), record.provenance())) {
        return record;
      }
    }
    if (std::exchange(ended_, true)) return std::nullopt;
    RETURN_IF_ERROR(cursor_->status());
    return std::nullopt;
  }

 private:
  const KvStore* const kv_;
  const RecordQuery query_;
  const std::string prefix_;
  const std::unique_ptr<KvCursor> cursor_;
  bool ended_ = false;
};

// Rows at known places.
class PlacesCursor : public IndexCursor {
 public:
  PlacesCursor(const KvStore* kv, const RecordQuery& query,
               std::vector<std::string> places)
      : kv_(kv), query_(query), places_(std::move(places)) {}

  absl::StatusOr<std::optional<IndexedRecord>> Next() override {
    while (next_ < places_.size()) {
      ASSIGN_OR_RETURN(IndexedRecord record, ReadRow(*kv_, places_[next_++]));
      if (Matches(query_, record.record_id(), record.provenance())) {
        return record;
      }
    }
    return std::nullopt;
  }

 private:
  const KvStore* const kv_;
  const RecordQuery query_;
  const std::vector<std::string> places_;
  size_t next_ = 0;
};

}  // namespace

RecordIndex::RecordIndex(std::unique_ptr<KvStore> kv) : kv_(std::move(kv)) {}

absl::StatusOr<std::unique_ptr<RecordIndex>> RecordIndex::Open(
    const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(std::unique_ptr<KvStore> kv, KvStore::Open(dir));
  auto index = absl::WrapUnique(new RecordIndex(std::move(kv)));
  ASSIGN_OR_RETURN(const IndexState state, index->State());
  if (state.records() != 0 && state.version() != kVersion) {
    return absl::DataLossError(absl::StrCat("index ", dir.string(),
                                            " has layout ", state.version(),
                                            ", not ", kVersion));
  }
  return index;
}

absl::StatusOr<IndexState> RecordIndex::State() const {
  IndexState state;
  ASSIGN_OR_RETURN(const std::optional<std::string> value, kv_->Get(kStateKey));
  if (value.has_value() && !state.ParseFromString(*value)) {
    return absl::DataLossError("the index's state is damaged");
  }
  return state;
}

absl::StatusOr<bool> RecordIndex::Contains(absl::string_view record_id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> place,
                   kv_->Get(IdKey(record_id)));
  return place.has_value();
}

absl::StatusOr<std::optional<IndexedRecord>> RecordIndex::Find(
    absl::string_view record_id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> place,
                   kv_->Get(IdKey(record_id)));
  if (!place.has_value()) return std::nullopt;
  return ReadRow(*kv_, *place);
}

absl::StatusOr<JudgedRecord> RecordIndex::FindJudged(
    absl::string_view record_id) const {
  JudgedRecord judged;
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   kv_->Get(JudgedKey(record_id)));
  if (value.has_value() && !judged.ParseFromString(*value)) {
    return absl::DataLossError(
        absl::StrCat("index row ", JudgedKey(record_id),
                     " is damaged; run fsck --rebuild_index"));
  }
  return judged;
}

absl::Status RecordIndex::Add(absl::Span<const IndexedRecord> records,
                              absl::Span<const Judgement> judgements,
                              const IndexState& state) {
  KvBatch batch;
  JudgedRecords judged;
  for (const Judgement& judgement : judgements) {
    const auto [it, is_first] = judged.try_emplace(judgement.record_id());
    if (is_first) {
      ASSIGN_OR_RETURN(it->second, FindJudged(judgement.record_id()));
    }
    TakeIn(judgement, it->second);
  }
  for (const auto& [id, last] : judged) {
    batch.Put(JudgedKey(id), last.SerializeAsString());
    RETURN_IF_ERROR(Overwrite(id, last, batch));
  }
  for (const IndexedRecord& record : records) {
    IndexedRecord row = record;
    const auto it = judged.find(row.record_id());
    if (it != judged.end()) {
      Overlay(it->second, *row.mutable_provenance());
    } else {
      ASSIGN_OR_RETURN(const JudgedRecord before, FindJudged(row.record_id()));
      Overlay(before, *row.mutable_provenance());
    }
    PutRow(row, batch);
  }
  IndexState versioned = state;
  versioned.set_version(kVersion);
  batch.Put(kStateKey, versioned.SerializeAsString());
  return kv_->Write(batch, KvSync::kNo);
}

// Makes the row of a record, if it has one, follow its judgements.
absl::Status RecordIndex::Overwrite(const std::string& record_id,
                                    const JudgedRecord& judged,
                                    KvBatch& batch) const {
  ASSIGN_OR_RETURN(std::optional<IndexedRecord> row, Find(record_id));
  if (!row.has_value()) return absl::OkStatus();
  batch.Delete(LabelPrefix(row->provenance().label()) + PlaceOf(*row));
  Overlay(judged, *row->mutable_provenance());
  PutRow(*row, batch);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<IndexCursor>> RecordIndex::Select(
    const RecordQuery& query) const {
  if (query.record_id().empty()) {
    std::string prefix = NarrowestPrefix(query);
    ASSIGN_OR_RETURN(std::unique_ptr<KvCursor> cursor, kv_->ScanPrefix(prefix));
    return std::make_unique<PrefixCursor>(kv_.get(), query, std::move(prefix),
                                          std::move(cursor));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> places, PlacesOf(query));
  return std::make_unique<PlacesCursor>(kv_.get(), query, std::move(places));
}

absl::StatusOr<std::vector<std::string>> RecordIndex::PlacesOf(
    const RecordQuery& query) const {
  std::vector<std::string> places;
  for (const std::string& id : query.record_id()) {
    ASSIGN_OR_RETURN(std::optional<std::string> place, kv_->Get(IdKey(id)));
    if (place.has_value()) places.push_back(*std::move(place));
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

}  // namespace verso
