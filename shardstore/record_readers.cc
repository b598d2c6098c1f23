#include "shardstore/record_readers.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/record_codec.h"
#include "shardstore/record_query.h"
#include "shardstore/shard_reader.h"
#include "shardstore/store_directory.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

// A committed shard that cannot be opened has lost its records.
absl::StatusOr<std::unique_ptr<ShardReader>> OpenShard(const fs::path& store,
                                                       int number) {
  absl::StatusOr<std::unique_ptr<ShardReader>> reader =
      ShardReader::Open(ShardPath(store, number));
  if (absl::IsNotFound(reader.status())) {
    return absl::DataLossError(
        absl::StrCat("shard ", ShardName(number), " of ", store.string(),
                     " is gone: bring it back from a copy"));
  }
  return reader;
}

class IndexedReader : public RecordReader {
 public:
  IndexedReader(const fs::path& store, const RecordQuery& query,
                std::unique_ptr<IndexCursor> cursor)
      : store_(store), query_(query), cursor_(std::move(cursor)) {}

  absl::StatusOr<std::optional<Record>> Next() override {
    if (query_.limit() > 0 && given_ >= query_.limit()) return std::nullopt;
    ASSIGN_OR_RETURN(std::optional<IndexedRecord> row, cursor_->Next());
    if (!row.has_value()) return std::nullopt;
    Record record;
    if (query_.include_bytes()) {
      ASSIGN_OR_RETURN(record, ReadFromShard(*row));
    } else {
      *record.mutable_provenance() = std::move(*row->mutable_provenance());
    }
    ++given_;
    return record;
  }

 private:
  absl::StatusOr<Record> ReadFromShard(const IndexedRecord& row) {
    if (shard_ == nullptr || shard_number_ != row.shard_number()) {
      ASSIGN_OR_RETURN(shard_, OpenShard(store_, row.shard_number()));
      shard_number_ = row.shard_number();
    }
    ASSIGN_OR_RETURN(ShardSample sample,
                     shard_->Read({row.seq(), row.offset(), row.size_bytes()}));
    if (sample.key != row.record_id()) {
      return absl::DataLossError(absl::StrCat(
          "sample seq=", row.seq(), " of ", shard_->name(), " is not record ",
          row.record_id(), ", as the index says; run fsck --rebuild_index"));
    }
    ASSIGN_OR_RETURN(Record record, DecodeRecord(std::move(sample)));
    Provenance& now = *record.mutable_provenance();
    now.set_label(row.provenance().label());
    now.set_label_evidence(row.provenance().label_evidence());
    now.set_quarantine(row.provenance().quarantine());
    return record;
  }

  const fs::path store_;
  const RecordQuery query_;
  const std::unique_ptr<IndexCursor> cursor_;
  std::unique_ptr<ShardReader> shard_;
  int shard_number_ = -1;
  int64_t given_ = 0;
};

class ScanningReader : public RecordReader {
 public:
  ScanningReader(const fs::path& store, const RecordQuery& query,
                 const LedgerSummary& committed, JudgedRecords judged)
      : store_(store),
        query_(query),
        judged_(std::move(judged)),
        shards_(committed.shards),
        next_shard_(shards_.begin()) {}

  absl::StatusOr<std::optional<Record>> Next() override {
    while (query_.limit() == 0 || given_ < query_.limit()) {
      ASSIGN_OR_RETURN(std::optional<ScannedSample> scanned, NextSample());
      if (!scanned.has_value()) return std::nullopt;
      const std::string id = scanned->sample.key;
      ASSIGN_OR_RETURN(Record record, DecodeRecord(std::move(scanned->sample)));
      if (const auto it = judged_.find(id); it != judged_.end()) {
        Overlay(it->second, *record.mutable_provenance());
      }
      if (!Matches(query_, id, record.provenance())) continue;
      if (!query_.include_bytes()) record.clear_image();
      ++given_;
      return record;
    }
    return std::nullopt;
  }

 private:
  absl::StatusOr<std::optional<ScannedSample>> NextSample() {
    while (true) {
      if (scanner_.has_value()) {
        ASSIGN_OR_RETURN(std::optional<ScannedSample> next, scanner_->Next());
        if (next.has_value()) return next;
        scanner_.reset();
      }
      if (next_shard_ == shards_.end()) return std::nullopt;
      const auto [number, committed] = *next_shard_++;
      ASSIGN_OR_RETURN(shard_, OpenShard(store_, number));
      scanner_.emplace(shard_.get(), 0, 0, committed.end_offset);
    }
  }

  const fs::path store_;
  const RecordQuery query_;
  const JudgedRecords judged_;
  const std::map<int, CommittedShard> shards_;
  std::map<int, CommittedShard>::const_iterator next_shard_;
  std::unique_ptr<ShardReader> shard_;
  std::optional<ShardScanner> scanner_;
  int64_t given_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> ReadByIndex(const fs::path& store,
                                          const RecordQuery& query,
                                          std::unique_ptr<IndexCursor> cursor) {
  return std::make_unique<IndexedReader>(store, query, std::move(cursor));
}

std::unique_ptr<RecordReader> ReadByScan(const fs::path& store,
                                         const RecordQuery& query,
                                         const LedgerSummary& committed,
                                         JudgedRecords judged) {
  return std::make_unique<ScanningReader>(store, query, committed,
                                          std::move(judged));
}

}  // namespace verso
