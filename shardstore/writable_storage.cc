#include "shardstore/writable_storage.h"

#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "shardstore/index_recovery.h"
#include "shardstore/judgement.h"
#include "shardstore/near_duplicates/work_links.h"
#include "shardstore/record_query.h"
#include "shardstore/record_readers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxGroupBytes = int64_t{16} << 20;
constexpr size_t kMaxJudgedAtOnce = 1000;

LedgerEntry SightingOf(const EncodedRecord& record) {
  const Provenance& from = record.provenance;
  LedgerEntry entry;
  Sighting& sighting = *entry.mutable_sighting();
  sighting.set_record_id(record.id);
  sighting.set_source(from.source());
  sighting.set_source_item_id(from.source_item_id());
  sighting.set_page_url(from.page_url());
  sighting.set_image_url(from.image_url());
  sighting.set_fetched_at(from.fetched_at());
  sighting.set_found_by(from.found_by());
  return entry;
}

std::vector<LedgerEntry> EntriesOf(absl::Span<const Judgement> judgements) {
  std::vector<LedgerEntry> entries;
  for (const Judgement& judgement : judgements) {
    *entries.emplace_back().mutable_judgement() = judgement;
  }
  return entries;
}

std::vector<IndexedRecord> RowsOf(
    absl::Span<const EncodedRecord* const> records,
    const Commitment& commitment) {
  std::vector<IndexedRecord> rows(records.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].set_record_id(records[i]->id);
    rows[i].set_shard_number(commitment.shard_number);
    rows[i].set_seq(commitment.extents[i].seq);
    rows[i].set_offset(commitment.extents[i].offset);
    rows[i].set_size_bytes(commitment.extents[i].size_bytes);
    *rows[i].mutable_provenance() = records[i]->provenance;
  }
  return rows;
}

}  // namespace

struct WritableStorage::Group {
  std::vector<const EncodedRecord*> records;
  std::vector<SampleContent> samples;  // Of `records`, in order.
  // Before the sightings that they follow from: a sighting that is written
  // must not be without its judgement.
  std::vector<Judgement> judgements;
  std::vector<LedgerEntry> sightings;
  std::map<absl::string_view, const EncodedRecord*> by_id;  // Of `records`.
  std::set<absl::string_view> quarantined;

  void Quarantine(const EncodedRecord& record, absl::string_view reason,
                  absl::string_view who, AppendedRecord& outcome) {
    judgements.push_back(QuarantineOf(record.id, reason, who));
    quarantined.insert(record.id);
    outcome.set_outcome(APPEND_OUTCOME_QUARANTINED);
    outcome.set_reason(std::string(reason));
  }

  std::vector<LedgerEntry> Entries() const {
    std::vector<LedgerEntry> entries = EntriesOf(judgements);
    entries.insert(entries.end(), sightings.begin(), sightings.end());
    return entries;
  }
};

WritableStorage::WritableStorage(const fs::path& dir, StoreLock lock,
                                 RecordLog log,
                                 std::unique_ptr<RecordIndex> index)
    : dir_(dir),
      lock_(std::move(lock)),
      index_(std::move(index)),
      log_(std::move(log)) {}

absl::StatusOr<std::unique_ptr<WritableStorage>> WritableStorage::Open(
    const fs::path& dir, const RecordStorageOptions& options) {
  RETURN_IF_ERROR(MakeDirs(dir));
  RETURN_IF_ERROR(CheckMayBeStore(dir));
  ASSIGN_OR_RETURN(StoreLock lock, StoreLock::Take(dir));
  ASSIGN_OR_RETURN(RecoveredLog recovered, RecoverLog(dir));
  for (const auto* notes : {&recovered.mended, &recovered.problems}) {
    for (const std::string& note : *notes) {
      absl::FPrintF(stderr, "shardstore: %s\n", note);
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<RecordIndex> index,
                   OpenIndex(dir, recovered.summary,
                             options.rebuild_index ? IndexStart::kRebuild
                                                   : IndexStart::kKeep));
  RecordLog log(dir, std::move(recovered), options.max_shard_bytes);
  return absl::WrapUnique(new WritableStorage(
      dir, std::move(lock), std::move(log), std::move(index)));
}

absl::StatusOr<std::vector<AppendedRecord>> WritableStorage::Append(
    absl::Span<const Record> records) {
  Call call;
  for (const Record& record : records) {
    absl::StatusOr<EncodedRecord> encoded = EncodeRecord(record);
    if (!encoded.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("record ", call.records.size(),
                       " of the call: ", encoded.status().message()));
    }
    call.image_bytes += encoded->provenance.size_bytes();
    call.records.push_back(*std::move(encoded));
  }
  absl::MutexLock lock(&mu_);
  queue_.push_back(&call);
  const auto is_turn = [this, &call]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return IsDoneOrFirst(&call);
  };
  mu_.Await(absl::Condition(&is_turn));
  if (!call.done) {
    const std::vector<Call*> group = TakeGroup();
    mu_.Unlock();
    const absl::Status status = Commit(group);
    mu_.Lock();
    for (Call* committed : group) {
      committed->status = status;
      committed->done = true;
      queue_.pop_front();
    }
  }
  RETURN_IF_ERROR(call.status);
  return std::move(call.outcomes);
}

std::vector<WritableStorage::Call*> WritableStorage::TakeGroup() const {
  std::vector<Call*> group;
  int64_t bytes = 0;
  for (Call* call : queue_) {
    bytes += call->image_bytes;
    if (!group.empty() && bytes > kMaxGroupBytes) break;
    group.push_back(call);
  }
  return group;
}

absl::Status WritableStorage::Commit(absl::Span<Call* const> calls) {
  absl::MutexLock lock(&commit_mu_);
  RETURN_IF_ERROR(CatchUpIndex());
  Group group;
  for (Call* call : calls) RETURN_IF_ERROR(Plan(*call, group));
  ASSIGN_OR_RETURN(const Commitment commitment,
                   log_.Commit(group.samples, group.Entries()));
  AddToIndex(RowsOf(group.records, commitment), group.judgements, commitment);
  return absl::OkStatus();
}

// Whether a record can be read back to its last bit: one whose shard is damaged
// must be taken again when it comes again.
bool WritableStorage::IsWhole(const std::string& id) const {
  RecordQuery query;
  query.add_record_id(id);
  query.set_include_bytes(true);
  query.set_include_quarantined(true);
  auto cursor = index_->Select(query);
  if (!cursor.ok()) return false;
  const auto record = ReadByIndex(dir_, query, *std::move(cursor))->Next();
  return record.ok() && record->has_value();
}

// Bytes that are stored already, or that come earlier in the group, are seen
// again; all others are new.
absl::Status WritableStorage::Plan(Call& call, Group& group) {
  call.outcomes.clear();
  for (const EncodedRecord& record : call.records) {
    const auto in_group = group.by_id.find(record.id);
    ASSIGN_OR_RETURN(const std::optional<IndexedRecord> row,
                     index_->Find(record.id));
    absl::StatusOr<AppendedRecord> outcome;
    if (in_group != group.by_id.end()) {
      outcome = PlanSighting(record, in_group->second->provenance, group);
    } else if (row.has_value() && IsWhole(record.id)) {
      outcome = PlanSighting(record, row->provenance(), group);
    } else {
      outcome = PlanNew(record, group);
    }
    RETURN_IF_ERROR(outcome.status());
    outcome->set_record_id(record.id);
    call.outcomes.push_back(*std::move(outcome));
  }
  return absl::OkStatus();
}

// The reason of a quarantine lies in the sample too: when a crash tears the
// ledger's end off, recovery commits the sample, and the reason with it.
absl::StatusOr<AppendedRecord> WritableStorage::PlanNew(
    const EncodedRecord& record, Group& group) {
  group.by_id.emplace(record.id, &record);
  group.records.push_back(&record);
  group.samples.push_back(record.content());
  AppendedRecord outcome;
  outcome.set_outcome(APPEND_OUTCOME_STORED);
  // One that was lost to damage may have been judged before.
  ASSIGN_OR_RETURN(const JudgedRecord judged, index_->FindJudged(record.id));
  Provenance now = record.provenance;
  Overlay(judged, now);
  if (now.quarantine().empty()) return outcome;
  if (judged.has_quarantine()) {
    outcome.set_outcome(APPEND_OUTCOME_QUARANTINED);
    outcome.set_reason(now.quarantine());
  } else {
    group.Quarantine(record, now.quarantine(), "append", outcome);
  }
  return outcome;
}

// A release holds: somebody has looked, and the same bytes tell nothing new.
absl::StatusOr<AppendedRecord> WritableStorage::PlanSighting(
    const EncodedRecord& record, const Provenance& stored, Group& group) {
  group.sightings.push_back(SightingOf(record));
  AppendedRecord outcome;
  outcome.set_outcome(APPEND_OUTCOME_DUPLICATE);
  if (!stored.quarantine().empty() || group.quarantined.contains(record.id)) {
    return outcome;
  }
  ASSIGN_OR_RETURN(const JudgedRecord judged, index_->FindJudged(record.id));
  // A label that was set later contradicts the source it was taken from.
  const bool is_said_again =
      judged.has_label() && stored.source() == record.provenance.source();
  const std::string contradiction =
      is_said_again ? "" : ContradictionOf(stored, record.provenance);
  const std::string& reason = record.provenance.quarantine().empty()
                                  ? contradiction
                                  : record.provenance.quarantine();
  if (!reason.empty() && !judged.has_quarantine()) {
    group.Quarantine(record, reason, "sighting", outcome);
  }
  return outcome;
}

absl::Status WritableStorage::Judge(absl::Span<const Judgement> judgements) {
  for (const Judgement& judgement : judgements) {
    RETURN_IF_ERROR(CheckJudgement(judgement));
  }
  absl::MutexLock lock(&commit_mu_);
  RETURN_IF_ERROR(CatchUpIndex());
  for (const Judgement& judgement : judgements) {
    ASSIGN_OR_RETURN(const bool is_stored,
                     index_->Contains(judgement.record_id()));
    if (is_stored) continue;
    return absl::NotFoundError(absl::StrCat(
        "store ", dir_.string(), " has no record ", judgement.record_id()));
  }
  ASSIGN_OR_RETURN(const Commitment commitment,
                   log_.Commit({}, EntriesOf(judgements)));
  AddToIndex({}, judgements, commitment);
  return absl::OkStatus();
}

// What is in the log is durable whatever becomes of the index: a failure is
// made good before the next commit or query.
void WritableStorage::AddToIndex(absl::Span<const IndexedRecord> rows,
                                 absl::Span<const Judgement> judgements,
                                 const Commitment& commitment) {
  if (rows.empty() && judgements.empty()) return;
  absl::StatusOr<IndexState> state = index_->State();
  // A large bulk goes in by parts, which bounds the memory. Only the last one
  // says that the ledger is read: if it does not come, all are taken in again.
  while (state.ok() && judgements.size() > kMaxJudgedAtOnce) {
    const absl::Status added =
        index_->Add({}, judgements.first(kMaxJudgedAtOnce), *state);
    if (!added.ok()) state = added;
    judgements.remove_prefix(kMaxJudgedAtOnce);
  }
  if (state.ok()) {
    if (!rows.empty()) *state->mutable_position() = commitment.watermark;
    state->set_records(state->records() + static_cast<int64_t>(rows.size()));
    state->set_ledger_offset(commitment.ledger_end);
    if (index_->Add(rows, judgements, *state).ok()) return;
  }
  index_is_behind_ = true;
}

absl::Status WritableStorage::CatchUpIndex() {
  if (!index_is_behind_) return absl::OkStatus();
  RETURN_IF_ERROR(RollForward(dir_, log_.summary(), *index_));
  index_is_behind_ = false;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RecordReader>> WritableStorage::Query(
    const RecordQuery& query) {
  RETURN_IF_ERROR(CheckQuery(query));
  if (index_is_behind_) {
    absl::MutexLock lock(&commit_mu_);
    // Without space the index cannot be caught up; the shards can be read.
    if (!CatchUpIndex().ok()) {
      ASSIGN_OR_RETURN(JudgedRecords judged, ReadJudgements(LedgerPath(dir_)));
      return ReadByScan(dir_, query, log_.summary(), std::move(judged));
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<IndexCursor> cursor, index_->Select(query));
  return ReadByIndex(dir_, query, std::move(cursor));
}

absl::Status WritableStorage::AddLedgerEntry(const LedgerEntry& entry) {
  absl::MutexLock lock(&commit_mu_);
  return log_.Commit({}, {&entry, 1}).status();
}

absl::Status WritableStorage::AddLinks(absl::Span<const WorkLink> links) {
  std::vector<LedgerEntry> entries;
  for (const WorkLink& link : links) {
    RETURN_IF_ERROR(CheckLink(link));
    *entries.emplace_back().mutable_work_link() = link;
  }
  absl::MutexLock lock(&commit_mu_);
  RETURN_IF_ERROR(CatchUpIndex());
  for (const WorkLink& link : links) {
    for (const std::string* id : {&link.record_id(), &link.other_id()}) {
      ASSIGN_OR_RETURN(const bool is_stored, index_->Contains(*id));
      if (!is_stored) {
        return absl::NotFoundError(absl::StrCat("cannot link record ", *id,
                                                ": store ", dir_.string(),
                                                " does not have it"));
      }
    }
  }
  return log_.Commit({}, entries).status();
}

// Without the lock: entries that were committed before stay as they are.
absl::StatusOr<std::vector<WorkLink>> WritableStorage::ReadLinks() {
  return ReadWorkLinks(LedgerPath(dir_));
}

LedgerSummary WritableStorage::Ledger() {
  absl::MutexLock lock(&commit_mu_);
  return log_.summary();
}

}  // namespace verso
