#include "shardstore/log_recovery.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "shardstore/shard_format.h"
#include "shardstore/shard_reader.h"
#include "shardstore/store_directory.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

// The newest whole sample of a file behind what is committed ends here.
absl::StatusOr<CommittedShard> FindWholeSamples(const fs::path& path,
                                                CommittedShard committed) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShardReader> reader,
                   ShardReader::Open(path));
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(path, error));
  if (error) return ErrnoStatus("read", path, error.value());
  ShardScanner scanner(reader.get(), committed.end_offset,
                       static_cast<uint64_t>(committed.records), size);
  while (true) {
    const absl::StatusOr<std::optional<ScannedSample>> next = scanner.Next();
    if (!next.ok()) continue;  // The scanner has moved behind the damage.
    if (!next->has_value()) return committed;
    const SampleExtent& extent = (*next)->extent;
    committed.end_offset = extent.offset + extent.size_bytes;
    committed.records = static_cast<int64_t>(extent.seq) + 1;
  }
}

LedgerEntry WatermarkEntry(int number, const CommittedShard& shard) {
  LedgerEntry entry;
  entry.mutable_watermark()->set_shard(ShardName(number));
  entry.mutable_watermark()->set_end_offset(shard.end_offset);
  entry.mutable_watermark()->set_shard_records(shard.records);
  return entry;
}

absl::Status NotALedger(const fs::path& store) {
  return absl::FailedPreconditionError(
      absl::StrCat("there is no store in ", store.string(),
                   ": its file `ledger` has no "
                   "whole entry and there is no shard; name another --store"));
}

// Commits whole samples that the ledger does not speak of: those of shards that
// it does not know and, where its end is damaged or it is gone, those behind
// the last watermark. The last entry notes that a damaged end is dealt with.
absl::Status AdoptSamples(const fs::path& store, bool end_is_lost,
                          RecoveredLog& log) {
  ASSIGN_OR_RETURN(const std::vector<int> numbers, ListShardFiles(store));
  const int first =
      log.summary.shards.empty() ? 0 : log.summary.shards.rbegin()->first;
  std::vector<LedgerEntry> entries;
  for (const int number : numbers) {
    if (number < first) continue;
    CommittedShard known;
    if (const auto it = log.summary.shards.find(number);
        it != log.summary.shards.end()) {
      known = it->second;
    }
    if (known.sealed || (known.records > 0 && !end_is_lost)) continue;
    std::error_code ignored;
    if (!fs::is_regular_file(ShardPath(store, number), ignored)) continue;
    ASSIGN_OR_RETURN(const CommittedShard found,
                     FindWholeSamples(ShardPath(store, number), known));
    if (found.records == known.records) continue;
    log.mended.push_back(absl::StrCat(
        "committed ", found.records - known.records, " whole samples of ",
        ShardName(number), " that the ledger does not speak of"));
    entries.push_back(WatermarkEntry(number, found));
  }
  const bool is_torn = log.summary.tail_bytes > 0;
  if (entries.empty() && !is_torn) return absl::OkStatus();  // A new store.
  if (entries.empty()) {
    if (log.summary.entries == 0) return NotALedger(store);
    entries.emplace_back();
  }
  entries.back().set_torn_bytes(log.summary.tail_bytes);
  RETURN_IF_ERROR(log.ledger->Append(entries));
  RETURN_IF_ERROR(log.ledger->Sync());
  for (const LedgerEntry& entry : entries) log.summary.Add(entry);
  return absl::OkStatus();
}

// Files of a shard's name that the ledger does not know and a crash of ours did
// not leave.
absl::Status NameStrangers(const fs::path& store, RecoveredLog& log) {
  ASSIGN_OR_RETURN(const std::vector<int> numbers, ListShardFiles(store));
  for (const int number : numbers) {
    const fs::path path = ShardPath(store, number);
    if (log.summary.shards.contains(number) || IsUncommittedShard(path)) {
      continue;
    }
    log.problems.push_back(
        absl::StrCat(path.string(),
                     " is no shard of this store: nothing reads it or writes "
                     "to it; move it away"));
  }
  return absl::OkStatus();
}

// Cuts the newest shard back to its last commit. One that is shorter than that
// has lost records: it is left as it is and never written to again.
void OpenNewestShard(const fs::path& store, RecoveredLog& log) {
  if (log.summary.shards.empty()) return;
  const auto& [number, shard] = *log.summary.shards.rbegin();
  log.next_shard = number + 1;
  if (shard.sealed) return;
  absl::StatusOr<std::unique_ptr<ShardWriter>> writer =
      ShardWriter::OpenAt(ShardPath(store, number), shard.end_offset,
                          static_cast<uint64_t>(shard.records));
  if (writer.ok()) {
    log.shard = *std::move(writer);
  } else {
    log.problems.emplace_back(writer.status().message());
  }
}

}  // namespace

bool IsUncommittedShard(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const auto size = static_cast<int64_t>(fs::file_size(path, error));
  if (error) return false;
  const absl::StatusOr<FileDescriptor> fd = OpenFile(path, O_RDONLY);
  if (!fd.ok()) return false;
  const absl::StatusOr<std::string> start =
      ReadAt(*fd, 0, std::min(size, kSampleHeaderBytes), path);
  if (!start.ok()) return false;
  if (size < kSampleHeaderBytes) {  // A torn header, or zeros in its place.
    return absl::StrContains(*start, "PaxHeaders") ||
           start->find_first_not_of('\0') == std::string::npos;
  }
  const absl::StatusOr<SampleHeader> header = DecodeSampleHeader(*start);
  return header.ok() && header->seq == 0 &&
         header->shard == path.filename().string();
}

absl::StatusOr<RecoveredLog> RecoverLog(const fs::path& store) {
  RETURN_IF_ERROR(MakeDirs(ShardsDir(store)));
  RETURN_IF_ERROR(SyncDir(store));
  // The folder above may be one that we may not read.
  (void)SyncDir(fs::absolute(store).parent_path());
  RecoveredLog log;
  absl::StatusOr<LedgerSummary> summary = ReadLedger(LedgerPath(store));
  // An empty ledger is one that lost everything, or a new store's.
  const bool is_gone =
      absl::IsNotFound(summary.status()) ||
      (summary.ok() && summary->entries == 0 && summary->tail_bytes == 0);
  if (!summary.ok() && !absl::IsNotFound(summary.status())) {
    return summary.status();
  }
  if (summary.ok()) log.summary = *std::move(summary);
  // Torn bytes stay: readers step over them, and while they are there a
  // recovery that is itself cut short can be done again.
  ASSIGN_OR_RETURN(log.ledger, LedgerWriter::Open(LedgerPath(store),
                                                  log.summary.end_offset +
                                                      log.summary.tail_bytes));
  if (log.summary.damaged_bytes > 0) {
    log.problems.push_back(absl::StrCat(
        "the ledger has ", log.summary.damaged_bytes,
        " damaged bytes between its entries: sightings, judgements, seals or "
        "notes of snapshots are lost, records are not"));
  }
  if (log.summary.tail_bytes > 0) {
    log.mended.push_back(absl::StrCat(
        "the ledger ended in ", log.summary.tail_bytes,
        " bytes that are no whole entry (a write that was cut short)"));
  }
  RETURN_IF_ERROR(
      AdoptSamples(store, is_gone || log.summary.tail_bytes > 0, log));
  RETURN_IF_ERROR(NameStrangers(store, log));
  OpenNewestShard(store, log);
  return log;
}

}  // namespace verso
