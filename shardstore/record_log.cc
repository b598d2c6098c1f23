#include "shardstore/record_log.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "shardstore/store_directory.h"

namespace verso {

RecordLog::RecordLog(const std::filesystem::path& store, RecoveredLog recovered,
                     int64_t max_shard_bytes)
    : store_(store),
      max_shard_bytes_(max_shard_bytes),
      summary_(std::move(recovered.summary)),
      ledger_(std::move(recovered.ledger)),
      shard_(std::move(recovered.shard)),
      next_shard_(recovered.next_shard) {}

absl::StatusOr<Commitment> RecordLog::Commit(
    absl::Span<const SampleContent> samples,
    absl::Span<const LedgerEntry> entries) {
  RETURN_IF_ERROR(broken_);
  absl::StatusOr<Commitment> commitment = Write(samples, entries);
  if (!commitment.ok()) TakeBack();
  return commitment;
}

absl::StatusOr<Commitment> RecordLog::Write(
    absl::Span<const SampleContent> samples,
    absl::Span<const LedgerEntry> entries) {
  Commitment commitment;
  std::vector<LedgerEntry> all(entries.begin(), entries.end());
  if (!samples.empty()) {
    RETURN_IF_ERROR(EnsureShard());
    RETURN_IF_ERROR(WriteSamples(samples, commitment));
    *all.emplace_back().mutable_watermark() = commitment.watermark;
  }
  RETURN_IF_ERROR(WriteEntries(all));
  commitment.ledger_end = ledger_->size_bytes();
  return commitment;
}

absl::Status RecordLog::WriteSamples(absl::Span<const SampleContent> samples,
                                     Commitment& commitment) {
  for (const SampleContent& sample : samples) {
    ASSIGN_OR_RETURN(const SampleExtent extent, shard_->Append(sample));
    commitment.extents.push_back(extent);
  }
  if (absl::Status status = shard_->Sync(); !status.ok()) return Break(status);
  commitment.shard_number = next_shard_ - 1;
  commitment.watermark.set_shard(shard_->name());
  commitment.watermark.set_end_offset(shard_->size_bytes());
  commitment.watermark.set_shard_records(
      static_cast<int64_t>(shard_->records()));
  return absl::OkStatus();
}

absl::Status RecordLog::WriteEntries(absl::Span<const LedgerEntry> entries) {
  if (entries.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(ledger_->Append(entries));
  if (absl::Status status = ledger_->Sync(); !status.ok()) return Break(status);
  for (const LedgerEntry& entry : entries) summary_.Add(entry);
  return absl::OkStatus();
}

absl::Status RecordLog::EnsureShard() {
  if (shard_ != nullptr && shard_->size_bytes() >= max_shard_bytes_) {
    RETURN_IF_ERROR(SealShard());
  }
  if (shard_ != nullptr) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<ShardWriter>> made =
      ShardWriter::Create(ShardPath(store_, next_shard_));
  while (absl::IsAlreadyExists(made.status())) {
    const std::filesystem::path path = ShardPath(store_, next_shard_);
    if (IsUncommittedShard(path)) {
      made = ShardWriter::OpenAt(path, 0, 0);
      break;
    }
    made = ShardWriter::Create(ShardPath(store_, ++next_shard_));
  }
  if (!made.ok()) return made.status();
  shard_ = *std::move(made);
  ++next_shard_;
  return absl::OkStatus();
}

absl::Status RecordLog::SealShard() {
  const absl::StatusOr<ShardSealed> sealed = shard_->Seal();
  if (shard_->sync_failed()) return Break(sealed.status());
  if (!sealed.ok()) return sealed.status();
  LedgerEntry entry;
  *entry.mutable_shard_sealed() = *sealed;
  RETURN_IF_ERROR(WriteEntries({&entry, 1}));
  shard_.reset();
  return absl::OkStatus();
}

void RecordLog::TakeBack() {
  absl::Status status = ledger_->CutBack();
  if (shard_ != nullptr) {
    const auto it = summary_.shards.find(next_shard_ - 1);
    const CommittedShard committed =
        it == summary_.shards.end() ? CommittedShard() : it->second;
    status.Update(shard_->CutTo(committed.end_offset,
                                static_cast<uint64_t>(committed.records)));
  }
  if (!status.ok() && broken_.ok()) (void)Break(status);
}

absl::Status RecordLog::Break(const absl::Status& cause) {
  broken_ = absl::InternalError(absl::StrCat(
      "store ", store_.string(), " takes no more records: ", cause.message(),
      "; check the disk, then stop this process and start it again"));
  return broken_;
}

}  // namespace verso
