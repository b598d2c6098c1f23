#include "ingest/frontier.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

// How many queued items are held in memory at a time.
constexpr size_t kRefillItems = 256;

std::string ItemKey(absl::string_view source, absl::string_view id) {
  return absl::StrCat("i/", source, "/", id);
}
std::string NoteKey(absl::string_view source, absl::string_view key) {
  return absl::StrCat("n/", source, "/", key);
}
std::string RobotsKey(absl::string_view authority) {
  return absl::StrCat("r/", authority);
}
std::string QueuePrefix(absl::string_view source, int priority) {
  return absl::StrCat("q/", source, "/", priority, "/");
}
constexpr absl::string_view kCountsPrefix = "c/";

int PriorityOf(const WorkItem& item) {
  return item.kind() == FETCH_KIND_IMAGE || item.kind() == FETCH_KIND_GENERATOR
             ? 0
             : 1;
}

absl::StatusOr<FrontierEntry> ParseEntry(absl::string_view bytes,
                                         absl::string_view id) {
  FrontierEntry entry;
  if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(
        absl::StrCat("the frontier's row of \"", id,
                     "\" is damaged; give another --state and ingest again"));
  }
  return entry;
}

// One batch at a time waits for no disk: a kill of the process loses nothing,
// and a crash of the machine only fetches again what it forgot.
absl::Status Write(KvStore& kv, const KvBatch& batch) {
  return kv.Write(batch, KvSync::kNo);
}

}  // namespace

void AddCounts(const SourceCounts& delta, SourceCounts& counts) {
  counts.set_fetched(counts.fetched() + delta.fetched());
  counts.set_stored(counts.stored() + delta.stored());
  counts.set_duplicate(counts.duplicate() + delta.duplicate());
  for (const auto& [reason, count] : delta.refused()) {
    (*counts.mutable_refused())[reason] += count;
  }
}

absl::StatusOr<std::unique_ptr<Frontier>> Frontier::Open(
    const std::filesystem::path& dir) {
  ASSIGN_OR_RETURN(std::unique_ptr<KvStore> kv, KvStore::Open(dir));
  std::unique_ptr<Frontier> frontier(new Frontier(std::move(kv)));
  absl::MutexLock lock(&frontier->mu_);
  RETURN_IF_ERROR(frontier->LoadCounts());
  return frontier;
}

absl::Status Frontier::LoadCounts() {
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> cursor,
                   kv_->ScanPrefix(kCountsPrefix));
  while (cursor->Next()) {
    const std::string source(absl::StripPrefix(cursor->key(), kCountsPrefix));
    if (!queues_[source].counts.ParseFromString(std::string(cursor->value()))) {
      return absl::DataLossError(
          absl::StrCat("the frontier's counts of ", source, " are damaged"));
    }
  }
  return cursor->status();
}

absl::StatusOr<int> Frontier::Add(absl::Span<const WorkItem> items) {
  absl::MutexLock lock(&mu_);
  KvBatch batch;
  std::set<std::string> added;
  std::map<std::string, int> added_by_source;
  for (const WorkItem& item : items) {
    const std::string key = ItemKey(item.source(), item.id());
    if (added.contains(key)) continue;
    ASSIGN_OR_RETURN(const std::optional<std::string> seen, kv_->Get(key));
    if (seen) continue;
    const int priority = PriorityOf(item);
    last_order_ = std::max(last_order_ + 1, absl::GetCurrentTimeNanos());
    const std::string order = priority == 0
                                  ? Sha256Hex(key).substr(0, 32)
                                  : absl::StrFormat("%016x", last_order_);
    FrontierEntry entry;
    *entry.mutable_item() = item;
    entry.set_queue_key(
        absl::StrCat(QueuePrefix(item.source(), priority), order));
    batch.Put(key, entry.SerializeAsString());
    batch.Put(entry.queue_key(), item.id());
    added.insert(key);
    ++added_by_source[item.source()];
    queues_[item.source()].may_have_more[priority] = true;
  }
  for (const auto& [source, count] : added_by_source) {
    SourceCounts& counts = queues_[source].counts;
    counts.set_queued(counts.queued() + count);
    batch.Put(absl::StrCat(kCountsPrefix, source), counts.SerializeAsString());
  }
  if (!batch.empty()) RETURN_IF_ERROR(Write(*kv_, batch));
  return static_cast<int>(added.size());
}

absl::StatusOr<std::optional<LeasedItem>> Frontier::Lease(
    const std::string& source, absl::Time now) {
  absl::MutexLock lock(&mu_);
  Queue& queue = queues_[source];
  while (!queue.delayed.empty() && queue.delayed.begin()->first <= now) {
    WorkItem& item = queue.delayed.begin()->second;
    queue.ready[PriorityOf(item)].push_back(std::move(item));
    queue.delayed.erase(queue.delayed.begin());
  }
  for (int priority = 0; priority < kPriorities; ++priority) {
    std::deque<WorkItem>& ready = queue.ready[priority];
    if (ready.empty()) RETURN_IF_ERROR(Refill(source, priority, now));
    if (ready.empty()) continue;
    LeasedItem leased{std::move(ready.front()), 0};
    ready.pop_front();
    leased.tries = queue.tries[leased.item.id()]++;
    return leased;
  }
  return std::nullopt;
}

absl::Status Frontier::Refill(const std::string& source, int priority,
                              absl::Time now) {
  Queue& queue = queues_[source];
  if (!queue.may_have_more[priority]) return absl::OkStatus();
  queue.may_have_more[priority] = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> cursor,
                   kv_->ScanPrefix(QueuePrefix(source, priority)));
  while (cursor->Next()) {
    const std::string id(cursor->value());
    if (queue.taken.contains(id)) continue;
    if (queue.ready[priority].size() >= kRefillItems) {
      queue.may_have_more[priority] = true;
      break;
    }
    ASSIGN_OR_RETURN(const std::optional<std::string> row,
                     kv_->Get(ItemKey(source, id)));
    if (!row) return absl::DataLossError("a queued item has no row");
    ASSIGN_OR_RETURN(FrontierEntry entry, ParseEntry(*row, id));
    const absl::Time at = absl::FromUnixMicros(entry.retry_at_unix_micros());
    queue.taken[id] = entry.queue_key();
    if (at > now) {
      queue.delayed.emplace(at, std::move(*entry.mutable_item()));
    } else {
      queue.ready[priority].push_back(std::move(*entry.mutable_item()));
    }
  }
  return cursor->status();
}

absl::Time Frontier::NextRetry(const std::string& source) const {
  absl::MutexLock lock(&mu_);
  const auto it = queues_.find(source);
  if (it == queues_.end() || it->second.delayed.empty()) {
    return absl::InfiniteFuture();
  }
  return it->second.delayed.begin()->first;
}

absl::Status Frontier::Complete(const WorkItem& item,
                                const SourceCounts& delta) {
  absl::MutexLock lock(&mu_);
  FrontierEntry entry;
  entry.set_state(ITEM_STATE_DONE);
  return Finish(item, entry, delta);
}

absl::Status Frontier::Fail(const WorkItem& item, absl::string_view reason,
                            absl::string_view detail,
                            const SourceCounts& delta) {
  absl::MutexLock lock(&mu_);
  FrontierEntry entry;
  entry.set_state(ITEM_STATE_FAILED);
  entry.set_reason(std::string(reason));
  entry.set_detail(std::string(detail));
  return Finish(item, entry, delta);
}

absl::Status Frontier::Finish(const WorkItem& item, const FrontierEntry& entry,
                              const SourceCounts& delta) {
  Queue& queue = queues_[item.source()];
  const auto taken = queue.taken.find(item.id());
  VERSO_CHECK(taken != queue.taken.end());  // Only leased items finish.
  SourceCounts counts = queue.counts;
  AddCounts(delta, counts);
  counts.set_queued(counts.queued() - 1);
  KvBatch batch;
  batch.Put(ItemKey(item.source(), item.id()), entry.SerializeAsString());
  batch.Delete(taken->second);
  batch.Put(absl::StrCat(kCountsPrefix, item.source()),
            counts.SerializeAsString());
  RETURN_IF_ERROR(Write(*kv_, batch));
  queue.counts = std::move(counts);
  queue.taken.erase(taken);
  queue.tries.erase(item.id());
  return absl::OkStatus();
}

absl::Status Frontier::PutBack(const WorkItem& item, absl::string_view reason,
                               absl::string_view detail, absl::Time retry_at) {
  Queue& queue = queues_[item.source()];
  FrontierEntry entry;
  *entry.mutable_item() = item;
  entry.set_reason(std::string(reason));
  entry.set_detail(std::string(detail));
  entry.set_retry_at_unix_micros(absl::ToUnixMicros(retry_at));
  entry.set_queue_key(queue.taken.at(item.id()));
  KvBatch batch;
  batch.Put(ItemKey(item.source(), item.id()), entry.SerializeAsString());
  return Write(*kv_, batch);
}

absl::Status Frontier::Retry(const WorkItem& item, absl::string_view reason,
                             absl::string_view detail, absl::Time retry_at) {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(PutBack(item, reason, detail, retry_at));
  queues_[item.source()].delayed.emplace(retry_at, item);
  return absl::OkStatus();
}

absl::Status Frontier::Defer(const WorkItem& item, absl::string_view reason,
                             absl::string_view detail, absl::Time retry_at) {
  absl::MutexLock lock(&mu_);
  return PutBack(item, reason, detail, retry_at);
}

absl::Status Frontier::MarkDone(const std::string& source,
                                absl::Span<const std::string> ids,
                                const SourceCounts& delta) {
  absl::MutexLock lock(&mu_);
  FrontierEntry entry;
  entry.set_state(ITEM_STATE_DONE);
  KvBatch batch;
  for (const std::string& id : ids) {
    batch.Put(ItemKey(source, id), entry.SerializeAsString());
  }
  SourceCounts counts = queues_[source].counts;
  AddCounts(delta, counts);
  batch.Put(absl::StrCat(kCountsPrefix, source), counts.SerializeAsString());
  RETURN_IF_ERROR(Write(*kv_, batch));
  queues_[source].counts = std::move(counts);
  return absl::OkStatus();
}

absl::StatusOr<bool> Frontier::MarkRefused(const std::string& source,
                                           absl::string_view id,
                                           absl::string_view reason) {
  absl::MutexLock lock(&mu_);
  const std::string key = ItemKey(source, id);
  ASSIGN_OR_RETURN(const std::optional<std::string> seen, kv_->Get(key));
  if (seen) return false;
  FrontierEntry entry;
  entry.set_state(ITEM_STATE_FAILED);
  entry.set_reason(std::string(reason));
  KvBatch batch;
  batch.Put(key, entry.SerializeAsString());
  RETURN_IF_ERROR(Write(*kv_, batch));
  return true;
}

absl::StatusOr<bool> Frontier::IsDone(const std::string& source,
                                      absl::string_view id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> row,
                   kv_->Get(ItemKey(source, id)));
  if (!row) return false;
  ASSIGN_OR_RETURN(const FrontierEntry entry, ParseEntry(*row, id));
  return entry.state() != ITEM_STATE_QUEUED;
}

absl::Status Frontier::AddNote(const std::string& source, absl::string_view key,
                               const Provenance& note) {
  KvBatch batch;
  batch.Put(NoteKey(source, key), note.SerializeAsString());
  return Write(*kv_, batch);
}

absl::StatusOr<std::optional<Provenance>> Frontier::FindNote(
    const std::string& source, absl::string_view key) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> row,
                   kv_->Get(NoteKey(source, key)));
  if (!row) return std::nullopt;
  Provenance note;
  if (!note.ParseFromString(*row)) {
    return absl::DataLossError("a note of the frontier is damaged");
  }
  return note;
}

absl::Status Frontier::PutRobots(absl::string_view authority,
                                 const RobotsFile& file) {
  KvBatch batch;
  batch.Put(RobotsKey(authority), file.SerializeAsString());
  return Write(*kv_, batch);
}

absl::StatusOr<std::optional<RobotsFile>> Frontier::FindRobots(
    absl::string_view authority) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> row,
                   kv_->Get(RobotsKey(authority)));
  if (!row) return std::nullopt;
  RobotsFile file;
  if (!file.ParseFromString(*row)) return std::nullopt;  // It is asked again.
  return file;
}

SourceCounts Frontier::Counts(const std::string& source) const {
  absl::MutexLock lock(&mu_);
  const auto it = queues_.find(source);
  return it == queues_.end() ? SourceCounts() : it->second.counts;
}

std::map<std::string, SourceCounts> Frontier::AllCounts() const {
  absl::MutexLock lock(&mu_);
  std::map<std::string, SourceCounts> counts;
  for (const auto& [source, queue] : queues_) counts[source] = queue.counts;
  return counts;
}

}  // namespace verso
