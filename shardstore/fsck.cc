#include "shardstore/fsck.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/stop_signal.h"
#include "shardstore/index_recovery.h"
#include "shardstore/judgement.h"
#include "shardstore/ledger.h"
#include "shardstore/log_recovery.h"
#include "shardstore/record_codec.h"
#include "shardstore/record_index.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_reader.h"
#include "shardstore/shard_writer.h"
#include "shardstore/snapshot_check.h"
#include "shardstore/snapshot_format.h"
#include "shardstore/store_directory.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

absl::Status CheckThatThereIsAStore(const fs::path& store) {
  ASSIGN_OR_RETURN(const std::vector<int> shards, ListShardFiles(store));
  if (!shards.empty() || fs::exists(LedgerPath(store))) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(
      "there is no store in ", store.string(), ": name another --store"));
}

// Goes through one store and collects what is wrong.
class Checker {
 public:
  Checker(const fs::path& store, const RecordIndex& index, JudgedRecords judged)
      : store_(store), index_(index), judged_(std::move(judged)) {}

  absl::Status CheckShard(int number, const CommittedShard& committed) {
    ++report_.shards;
    const absl::StatusOr<std::unique_ptr<ShardReader>> reader =
        ShardReader::Open(ShardPath(store_, number));
    if (!reader.ok()) return Problem(reader.status().message());
    int64_t whole = 0;
    ShardScanner scanner(reader->get(), 0, 0, committed.end_offset);
    while (true) {
      RETURN_IF_ERROR(CheckNotStopped());
      absl::StatusOr<std::optional<ScannedSample>> next = scanner.Next();
      if (!next.ok()) {
        RETURN_IF_ERROR(Problem(next.status().message()));
        continue;
      }
      if (!next->has_value()) break;
      ++whole;
      report_.bytes += (*next)->extent.size_bytes;
      RETURN_IF_ERROR(CheckRow(number, **std::move(next)));
    }
    report_.records += whole;
    if (whole != committed.records) {
      RETURN_IF_ERROR(Problem(absl::StrCat(
          ShardName(number), " has ", whole, " whole records, but ",
          committed.records,
          " were committed; to fetch the others again, run ingest with a new "
          "--frontier=DIR (what is here becomes a sighting)")));
    }
    return CheckSeal(number, committed);
  }

  absl::Status CheckRowCount() {
    int64_t rows = 0;
    RecordQuery all;
    all.set_include_quarantined(true);
    ASSIGN_OR_RETURN(const std::unique_ptr<IndexCursor> cursor,
                     index_.Select(all));
    while (true) {
      ASSIGN_OR_RETURN(const std::optional<IndexedRecord> row, cursor->Next());
      if (!row.has_value()) break;
      ++rows;
    }
    if (rows == rows_matched_) return absl::OkStatus();
    return Problem(absl::StrCat("the index has ", rows, " rows, of which ",
                                rows - rows_matched_,
                                " belong to no whole record; --rebuild_index "
                                "leaves those out"));
  }

  absl::Status Problem(absl::string_view text) {
    report_.problems.emplace_back(text);
    return absl::OkStatus();
  }

  absl::Status CheckSnapshotsOfStore() {
    ASSIGN_OR_RETURN(const SnapshotsReport found,
                     CheckSnapshots(store_ / kSnapshotsDir));
    report_.snapshots = found.snapshots;
    report_.samples = found.samples;
    for (const std::string& problem : found.problems) {
      RETURN_IF_ERROR(Problem(problem));
    }
    return absl::OkStatus();
  }

  FsckReport TakeReport() { return std::move(report_); }

 private:
  absl::Status CheckSeal(int number, const CommittedShard& committed) {
    if (!committed.sealed) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string sha256,
                     Sha256OfFile(ShardPath(store_, number)));
    if (sha256 == committed.sha256) return absl::OkStatus();
    return Problem(absl::StrCat(ShardName(number),
                                " is not the file that was sealed: its sha256 "
                                "is ",
                                sha256));
  }

  // A record that was stored again after its first copy was damaged has one
  // row, for either copy.
  absl::Status CheckRow(int number, ScannedSample scanned) {
    const std::string id = scanned.sample.key;
    ASSIGN_OR_RETURN(const std::optional<IndexedRecord> row, index_.Find(id));
    if (!row.has_value()) {
      return Problem(
          absl::StrCat("the index lacks record ", id, "; use --rebuild_index"));
    }
    if (row->shard_number() == number && row->seq() == scanned.extent.seq &&
        row->offset() == scanned.extent.offset &&
        row->size_bytes() == scanned.extent.size_bytes) {
      ++rows_matched_;
    }
    return CheckJudged(std::move(scanned.sample), row->provenance());
  }

  // Whether the index serves and labels a record as shard and ledger say.
  absl::Status CheckJudged(ShardSample sample, const Provenance& indexed) {
    const std::string id = sample.key;
    absl::StatusOr<Record> record = DecodeRecord(std::move(sample));
    if (!record.ok()) return Problem(record.status().message());
    Provenance& now = *record->mutable_provenance();
    if (const auto it = judged_.find(id); it != judged_.end()) {
      Overlay(it->second, now);
    }
    report_.quarantined += now.quarantine().empty() ? 0 : 1;
    if (now.quarantine() == indexed.quarantine() &&
        now.label() == indexed.label() &&
        now.label_evidence() == indexed.label_evidence()) {
      return absl::OkStatus();
    }
    return Problem(absl::StrCat("the index does not know what was judged of ",
                                "record ", id, "; use --rebuild_index"));
  }

  const fs::path store_;
  const RecordIndex& index_;
  const JudgedRecords judged_;
  FsckReport report_;
  int64_t rows_matched_ = 0;
};

}  // namespace

absl::StatusOr<FsckReport> CheckStore(const fs::path& store,
                                      const FsckOptions& options) {
  RETURN_IF_ERROR(CheckThatThereIsAStore(store));
  ASSIGN_OR_RETURN(const StoreLock lock, StoreLock::Take(store));
  ASSIGN_OR_RETURN(const RecoveredLog log, RecoverLog(store));
  ASSIGN_OR_RETURN(const std::unique_ptr<RecordIndex> index,
                   OpenIndex(store, log.summary,
                             options.rebuild_index ? IndexStart::kRebuild
                                                   : IndexStart::kKeep));
  ASSIGN_OR_RETURN(JudgedRecords judged, ReadJudgements(LedgerPath(store)));
  Checker checker(store, *index, std::move(judged));
  for (const std::string& problem : log.problems) {
    RETURN_IF_ERROR(checker.Problem(problem));
  }
  for (const auto& [number, shard] : log.summary.shards) {
    RETURN_IF_ERROR(checker.CheckShard(number, shard));
  }
  RETURN_IF_ERROR(checker.CheckRowCount());
  RETURN_IF_ERROR(checker.CheckSnapshotsOfStore());
  FsckReport report = checker.TakeReport();
  report.mended = log.mended;
  return report;
}

}  // namespace verso
