#include "shardstore/index_recovery.h"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/kv/kv.h"
#include "shardstore/record_codec.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_reader.h"
#include "shardstore/store_directory.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatchRecords = 256;

// Collects rows and adds them by the batch, each with the state it leads to.
class Feeder {
 public:
  explicit Feeder(RecordIndex& index, IndexState state)
      : index_(index), state_(std::move(state)) {}

  // Adds a sample unless its record is there already, from another place.
  absl::Status Add(int shard_number, ScannedSample scanned) {
    ASSIGN_OR_RETURN(const Record record,
                     DecodeRecord(std::move(scanned.sample)));
    const std::string id = RecordId(record);
    ASSIGN_OR_RETURN(const bool known, index_.Contains(id));
    if (known || !batch_ids_.insert(id).second) return absl::OkStatus();
    IndexedRecord row;
    row.set_record_id(id);
    row.set_shard_number(shard_number);
    row.set_seq(scanned.extent.seq);
    row.set_offset(scanned.extent.offset);
    row.set_size_bytes(scanned.extent.size_bytes);
    *row.mutable_provenance() = record.provenance();
    batch_.push_back(std::move(row));
    return absl::OkStatus();
  }

  bool full() const { return batch_.size() >= kBatchRecords; }

  absl::Status Flush(int shard_number, int64_t end_offset, int64_t records) {
    state_.mutable_position()->set_shard(ShardName(shard_number));
    state_.mutable_position()->set_end_offset(end_offset);
    state_.mutable_position()->set_shard_records(records);
    state_.set_records(state_.records() + static_cast<int64_t>(batch_.size()));
    RETURN_IF_ERROR(index_.Add(batch_, {}, state_));
    batch_.clear();
    batch_ids_.clear();
    return absl::OkStatus();
  }

 private:
  static std::string RecordId(const Record& record) {
    return record.provenance().sha256().substr(0, 32);
  }

  RecordIndex& index_;
  IndexState state_;
  std::vector<IndexedRecord> batch_;
  std::set<std::string> batch_ids_;
};

void Warn(const absl::Status& status) {
  absl::FPrintF(stderr, "shardstore: %s\n", status.message());
}

absl::Status FeedShard(const fs::path& store, int number,
                       const CommittedShard& from, const CommittedShard& to,
                       Feeder& feeder) {
  const absl::StatusOr<std::unique_ptr<ShardReader>> reader =
      ShardReader::Open(ShardPath(store, number));
  if (!reader.ok()) {
    Warn(reader.status());
    return feeder.Flush(number, to.end_offset, to.records);
  }
  ShardScanner scanner(reader->get(), from.end_offset,
                       static_cast<uint64_t>(from.records), to.end_offset);
  while (true) {
    absl::StatusOr<std::optional<ScannedSample>> next = scanner.Next();
    if (!next.ok()) {
      Warn(next.status());
      continue;
    }
    if (!next->has_value()) break;
    const SampleExtent extent = (*next)->extent;
    if (absl::Status status = feeder.Add(number, **std::move(next));
        absl::IsDataLoss(status)) {
      Warn(status);
    } else if (!status.ok()) {
      return status;
    }
    if (feeder.full()) {
      RETURN_IF_ERROR(feeder.Flush(number, extent.offset + extent.size_bytes,
                                   static_cast<int64_t>(extent.seq) + 1));
    }
  }
  return feeder.Flush(number, to.end_offset, to.records);
}

// Takes the judgements in that the index lacks. They come before the records:
// a row is never seen without what is judged of it.
absl::Status FeedJudgements(const fs::path& store, RecordIndex& index,
                            IndexState& state) {
  std::vector<Judgement> batch;
  const auto flush = [&]() -> absl::Status {
    RETURN_IF_ERROR(index.Add({}, batch, state));
    batch.clear();
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(VisitLedger(
      LedgerPath(store), state.ledger_offset(),
      [&](const LedgerEntry& entry, int64_t end) -> absl::Status {
        if (!entry.has_judgement()) return absl::OkStatus();
        batch.push_back(entry.judgement());
        state.set_ledger_offset(end);
        return batch.size() < kBatchRecords ? absl::OkStatus() : flush();
      }));
  return batch.empty() ? absl::OkStatus() : flush();
}

// An index in this state means to be told, not to be thrown away.
bool IsWorthRebuilding(const absl::Status& status) {
  return !absl::IsFailedPrecondition(status) &&
         !absl::IsResourceExhausted(status) &&
         !absl::IsPermissionDenied(status);
}

absl::StatusOr<std::unique_ptr<RecordIndex>> OpenAndRollForward(
    const fs::path& store, const LedgerSummary& committed) {
  ASSIGN_OR_RETURN(std::unique_ptr<RecordIndex> index,
                   RecordIndex::Open(IndexDir(store)));
  ASSIGN_OR_RETURN(const IndexState state, index->State());
  if (!state.has_position() && committed.records() > 0) {
    absl::FPrintF(stderr, "shardstore: indexing the %d records of %s\n",
                  committed.records(), store.string());
  }
  RETURN_IF_ERROR(RollForward(store, committed, *index));
  return index;
}

}  // namespace

absl::Status RollForward(const fs::path& store, const LedgerSummary& committed,
                         RecordIndex& index) {
  ASSIGN_OR_RETURN(IndexState state, index.State());
  int first = 0;
  CommittedShard from;
  if (state.has_position()) {
    first = ShardNumber(state.position().shard()).value_or(-1);
    from.end_offset = state.position().end_offset();
    from.records = state.position().shard_records();
    const auto it = committed.shards.find(first);
    if (it == committed.shards.end() ||
        it->second.end_offset < from.end_offset) {
      return absl::DataLossError(
          absl::StrCat("the index of ", store.string(),
                       " speaks of records that are not committed"));
    }
  }
  RETURN_IF_ERROR(FeedJudgements(store, index, state));
  Feeder feeder(index, state);
  for (auto it = committed.shards.lower_bound(first);
       it != committed.shards.end(); ++it) {
    const auto& [number, shard] = *it;
    if (number != first) from = CommittedShard();
    if (shard.end_offset == from.end_offset) continue;
    RETURN_IF_ERROR(FeedShard(store, number, from, shard, feeder));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RecordIndex>> OpenIndex(
    const fs::path& store, const LedgerSummary& committed, IndexStart start) {
  if (start == IndexStart::kKeep) {
    absl::StatusOr<std::unique_ptr<RecordIndex>> kept =
        OpenAndRollForward(store, committed);
    if (kept.ok() || !IsWorthRebuilding(kept.status())) return kept;
    absl::FPrintF(
        stderr, "shardstore: the index cannot be used and is built anew: %s\n",
        kept.status().message());
  }
  RETURN_IF_ERROR(KvStore::Destroy(IndexDir(store)));
  return OpenAndRollForward(store, committed);
}

}  // namespace verso
