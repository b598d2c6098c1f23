// The calls of LocalFrontier that are about items.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "ingest/frontier/frontier_rows.h"
#include "ingest/frontier/local_frontier.h"
#include "ingest/frontier/source_counts.h"

namespace verso {
namespace {

namespace rows = frontier_rows;

constexpr size_t kRefillItems = 256;  // Held in memory at a time.
constexpr size_t kRequeueItems = 1000;

absl::Status CheckNames(absl::string_view source, absl::string_view id) {
  if (!source.empty() && !absl::StrContains(source, "/") && !id.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", source, "\", \"", id,
                   "\": a work item needs an id and a source without \"/\""));
}

LeaseResponse Answer(const FrontierEntry& entry) {
  LeaseResponse response;
  response.set_verdict(LEASE_VERDICT_LEASED);
  *response.mutable_item() = entry.item();
  response.set_tries(entry.tries());
  response.set_etag(entry.etag());
  response.set_last_modified(entry.last_modified());
  return response;
}

}  // namespace

std::string LocalFrontier::NewQueueKey(const WorkItem& item) {
  const int priority = SourceQueue::PriorityOf(item);
  last_order_ = std::max(last_order_ + 1, absl::ToUnixNanos(options_.now()));
  const std::string order =
      priority == 0
          ? Sha256Hex(rows::Item(item.source(), item.id())).substr(0, 32)
          : absl::StrFormat("%016x", last_order_);
  return absl::StrCat(rows::Queue(item.source(), priority), order);
}

absl::StatusOr<AddItemsResponse> LocalFrontier::AddItems(
    const AddItemsRequest& request) {
  absl::MutexLock lock(&mu_);
  std::vector<FrontierEntry> entries;
  std::set<std::string> keys;
  for (const WorkItem& item : request.item()) {
    RETURN_IF_ERROR(CheckNames(item.source(), item.id()));
    const std::string key = rows::Item(item.source(), item.id());
    ASSIGN_OR_RETURN(const std::optional<std::string> seen, kv_->Get(key));
    if (seen || !keys.insert(key).second) continue;
    *entries.emplace_back().mutable_item() = item;
  }
  AddItemsResponse response;
  response.set_added(static_cast<int64_t>(entries.size()));
  RETURN_IF_ERROR(RequeueBatch(std::move(entries)));
  return response;
}

// Queues entries that are not queued.
absl::Status LocalFrontier::RequeueBatch(std::vector<FrontierEntry> entries) {
  KvBatch batch;
  std::map<std::string, SourceStatus> changed;
  for (FrontierEntry& entry : entries) {
    const WorkItem& item = entry.item();
    entry.set_state(ITEM_STATE_QUEUED);
    entry.set_queue_key(NewQueueKey(item));
    batch.Put(rows::Item(item.source(), item.id()), entry.SerializeAsString());
    batch.Put(entry.queue_key(), item.id());
    SourceState& source = sources_[item.source()];
    source.queue.may_have_more[SourceQueue::PriorityOf(item)] = true;
    SourceCounts& counts = *changed.try_emplace(item.source(), source.status)
                                .first->second.mutable_counts();
    counts.set_queued(counts.queued() + 1);
  }
  for (const auto& [name, status] : changed) {
    batch.Put(rows::Source(name), status.SerializeAsString());
  }
  RETURN_IF_ERROR(Write(batch));
  for (auto& [name, status] : changed) {
    sources_[name].status = std::move(status);
  }
  return absl::OkStatus();
}

absl::StatusOr<LeaseResponse> LocalFrontier::Lease(
    const LeaseRequest& request) {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(CheckSession(request.session()));
  SourceState& source = sources_[request.source()];
  SourceQueue& queue = source.queue;
  if (const auto* held = queue.FindLease(request.session(), request.slot())) {
    return Answer(held->entry);
  }
  const absl::Time now = options_.now();
  const int64_t so_far = TotalAppended(source.status.counts());
  const int64_t leased = static_cast<int64_t>(queue.leased());
  LeaseResponse none;
  none.set_verdict(leased > 0 ? LEASE_VERDICT_WAIT : LEASE_VERDICT_NOTHING);
  if (request.limit() > 0 && so_far + leased >= request.limit()) {
    if (so_far >= request.limit()) none.set_verdict(LEASE_VERDICT_NOTHING);
    return none;
  }
  if (request.max_leases() > 0 && leased >= request.max_leases()) return none;
  for (int priority = 0; priority < SourceQueue::kPriorities; ++priority) {
    if (queue.Ready(priority, now) == 0) {
      RETURN_IF_ERROR(Refill(request.source(), priority));
    }
    if (queue.Ready(priority, now) == 0) continue;
    FrontierEntry entry = queue.Pop(priority);
    ItemLease lease;
    lease.set_session(request.session());
    lease.set_slot(request.slot());
    KvBatch batch;
    batch.Put(rows::Lease(request.source(), entry.item().id()),
              lease.SerializeAsString());
    const absl::Status written = Write(batch);
    if (!written.ok()) {
      queue.Offer(std::move(entry), now, /*first=*/true);
      return written;
    }
    LeaseResponse response = Answer(entry);
    queue.AddLease(std::move(entry), std::move(lease));
    return response;
  }
  const absl::Time retry = queue.NextRetry();
  if (retry != absl::InfiniteFuture()) {
    none.set_retry_in_micros(
        std::max<int64_t>(1, absl::ToInt64Microseconds(retry - now)));
  }
  return none;
}

absl::Status LocalFrontier::Refill(const std::string& source, int priority) {
  SourceQueue& queue = sources_[source].queue;
  const absl::Time now = options_.now();
  if (!queue.may_have_more[priority]) return absl::OkStatus();
  queue.may_have_more[priority] = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> row,
                   kv_->ScanPrefix(rows::Queue(source, priority)));
  while (row->Next()) {
    const std::string id(row->value());
    if (queue.Holds(id)) continue;
    if (queue.Ready(priority, now) >= kRefillItems) {
      queue.may_have_more[priority] = true;
      break;
    }
    ASSIGN_OR_RETURN(std::optional<FrontierEntry> entry,
                     rows::Find<FrontierEntry>(*kv_, rows::Item(source, id)));
    if (!entry) {
      return absl::DataLossError(absl::StrCat(
          "the queued item \"", id, "\" of ", source,
          " has no row; give another --frontier and ingest again"));
    }
    queue.Offer(*std::move(entry), now);
  }
  return row->status();
}

absl::StatusOr<SettleResponse> LocalFrontier::Settle(
    const SettleRequest& request) {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(std::optional<FrontierEntry> entry,
                   rows::Find<FrontierEntry>(
                       *kv_, rows::Item(request.source(), request.item_id())));
  if (!entry) {
    return absl::NotFoundError(absl::StrCat("the frontier has no item \"",
                                            request.item_id(), "\" of ",
                                            request.source()));
  }
  // Settled before, by a session that was given its lease in the meantime, or
  // by a call whose answer was lost.
  if (entry->state() != ITEM_STATE_QUEUED) return SettleResponse();
  const bool is_final = request.outcome() == ITEM_OUTCOME_DONE ||
                        request.outcome() == ITEM_OUTCOME_REFUSED;
  RETURN_IF_ERROR(is_final ? Finish(request, *std::move(entry))
                           : PutBack(request));
  return SettleResponse();
}

absl::Status LocalFrontier::Finish(const SettleRequest& request,
                                   FrontierEntry entry) {
  SourceState& source = sources_[request.source()];
  KvBatch batch;
  batch.Delete(entry.queue_key());
  batch.Delete(rows::Lease(request.source(), request.item_id()));
  entry.clear_queue_key();
  entry.set_state(request.outcome() == ITEM_OUTCOME_DONE ? ITEM_STATE_DONE
                                                         : ITEM_STATE_FAILED);
  entry.set_reason(request.reason());
  entry.set_detail(request.detail());
  entry.clear_retry_at_unix_micros();
  entry.clear_tries();
  entry.set_finished_at_unix_micros(absl::ToUnixMicros(options_.now()));
  if (!request.etag().empty() || !request.last_modified().empty()) {
    entry.set_etag(request.etag());
    entry.set_last_modified(request.last_modified());
  }
  batch.Put(rows::Item(request.source(), request.item_id()),
            entry.SerializeAsString());
  SourceStatus status = source.status;
  AddProgress(request.delta(), options_.now(), status);
  status.mutable_counts()->set_queued(status.counts().queued() - 1);
  batch.Put(rows::Source(request.source()), status.SerializeAsString());
  RETURN_IF_ERROR(Write(batch));
  source.status = std::move(status);
  source.queue.Drop(request.item_id());
  return absl::OkStatus();
}

// Only by the holder of the lease: another one may be at work on the item.
absl::Status LocalFrontier::PutBack(const SettleRequest& request) {
  SourceQueue& queue = sources_[request.source()].queue;
  const SourceQueue::Leased* leased = queue.FindLease(request.item_id());
  if (leased == nullptr || leased->lease.session() != request.session()) {
    return absl::OkStatus();
  }
  const absl::Time now = options_.now();
  const bool is_retry = request.outcome() == ITEM_OUTCOME_RETRY;
  FrontierEntry entry = leased->entry;
  entry.set_reason(request.reason());
  entry.set_detail(request.detail());
  entry.set_tries(is_retry ? entry.tries() + 1 : 0);
  entry.set_retry_at_unix_micros(
      absl::ToUnixMicros(now + absl::Microseconds(request.retry_in_micros())));
  KvBatch batch;
  batch.Put(rows::Item(request.source(), request.item_id()),
            entry.SerializeAsString());
  batch.Delete(rows::Lease(request.source(), request.item_id()));
  RETURN_IF_ERROR(Write(batch));
  queue.EndLease(request.item_id());
  if (is_retry) {
    queue.Offer(std::move(entry), now);
  } else {
    queue.Defer(request.item_id());
  }
  return absl::OkStatus();
}

absl::StatusOr<MarkItemsResponse> LocalFrontier::MarkItems(
    const MarkItemsRequest& request) {
  absl::MutexLock lock(&mu_);
  FrontierEntry entry;
  entry.set_state(request.state());
  entry.set_reason(request.reason());
  entry.set_finished_at_unix_micros(absl::ToUnixMicros(options_.now()));
  MarkItemsResponse response;
  KvBatch batch;
  for (const std::string& id : request.item_id()) {
    RETURN_IF_ERROR(CheckNames(request.source(), id));
    const std::string key = rows::Item(request.source(), id);
    ASSIGN_OR_RETURN(const std::optional<std::string> seen, kv_->Get(key));
    if (seen) continue;
    batch.Put(key, entry.SerializeAsString());
    response.set_marked(response.marked() + 1);
  }
  if (request.item_id_size() > 0 && response.marked() == 0) return response;
  SourceStatus status = sources_[request.source()].status;
  AddProgress(request.delta(), options_.now(), status);
  batch.Put(rows::Source(request.source()), status.SerializeAsString());
  RETURN_IF_ERROR(Write(batch));
  sources_[request.source()].status = std::move(status);
  return response;
}

absl::StatusOr<FindFinishedResponse> LocalFrontier::FindFinished(
    const FindFinishedRequest& request) {
  FindFinishedResponse response;
  for (const std::string& id : request.item_id()) {
    ASSIGN_OR_RETURN(
        const std::optional<FrontierEntry> entry,
        rows::Find<FrontierEntry>(*kv_, rows::Item(request.source(), id)));
    response.add_finished(entry && entry->state() != ITEM_STATE_QUEUED);
  }
  return response;
}

absl::StatusOr<RequeueResponse> LocalFrontier::Requeue(
    const RequeueRequest& request) {
  absl::MutexLock lock(&mu_);
  const int64_t before =
      absl::ToUnixMicros(options_.now()) - request.older_than_micros();
  ASSIGN_OR_RETURN(const std::unique_ptr<KvCursor> row,
                   kv_->ScanPrefix(rows::Item(request.source(), "")));
  RequeueResponse response;
  std::vector<FrontierEntry> entries;
  while (true) {
    const bool more = row->Next();
    if (!more || entries.size() >= kRequeueItems) {
      response.set_queued(response.queued() +
                          static_cast<int64_t>(entries.size()));
      RETURN_IF_ERROR(RequeueBatch(std::exchange(entries, {})));
    }
    if (!more) break;
    ASSIGN_OR_RETURN(FrontierEntry entry,
                     rows::Parse<FrontierEntry>(row->key(), row->value()));
    // What is generated for us never changes.
    if (entry.state() == ITEM_STATE_DONE && entry.has_item() &&
        entry.item().kind() != FETCH_KIND_GENERATOR &&
        entry.finished_at_unix_micros() <= before) {
      entries.push_back(std::move(entry));
    }
  }
  RETURN_IF_ERROR(row->status());
  return response;
}

}  // namespace verso
