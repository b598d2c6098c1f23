#include "ingest/frontier/source_queue.h"

#include <utility>

#include "common/base/check.h"

namespace verso {

int SourceQueue::PriorityOf(const WorkItem& item) {
  return item.kind() == FETCH_KIND_IMAGE || item.kind() == FETCH_KIND_GENERATOR
             ? 0
             : 1;
}

void SourceQueue::Offer(FrontierEntry entry, absl::Time now, bool first) {
  held_.insert(entry.item().id());
  const absl::Time at = absl::FromUnixMicros(entry.retry_at_unix_micros());
  std::deque<FrontierEntry>& ready = ready_[PriorityOf(entry.item())];
  if (at > now) {
    delayed_.emplace(at, std::move(entry));
  } else if (first) {
    ready.push_front(std::move(entry));
  } else {
    ready.push_back(std::move(entry));
  }
}

size_t SourceQueue::Ready(int priority, absl::Time now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    FrontierEntry& entry = delayed_.begin()->second;
    ready_[PriorityOf(entry.item())].push_back(std::move(entry));
    delayed_.erase(delayed_.begin());
  }
  return ready_[priority].size();
}

FrontierEntry SourceQueue::Pop(int priority) {
  VERSO_CHECK(!ready_[priority].empty());
  FrontierEntry entry = std::move(ready_[priority].front());
  ready_[priority].pop_front();
  return entry;
}

void SourceQueue::AddLease(FrontierEntry entry, ItemLease lease) {
  const std::string id = entry.item().id();
  held_.insert(id);
  leased_[id] = {std::move(entry), std::move(lease)};
}

const SourceQueue::Leased* SourceQueue::FindLease(const std::string& id) const {
  const auto it = leased_.find(id);
  return it == leased_.end() ? nullptr : &it->second;
}

const SourceQueue::Leased* SourceQueue::FindLease(absl::string_view session,
                                                  int slot) const {
  for (const auto& [id, leased] : leased_) {
    if (leased.lease.session() == session && leased.lease.slot() == slot) {
      return &leased;
    }
  }
  return nullptr;
}

std::vector<std::string> SourceQueue::LeasesOf(
    absl::string_view session) const {
  std::vector<std::string> ids;
  for (const auto& [id, leased] : leased_) {
    if (leased.lease.session() == session) ids.push_back(id);
  }
  return ids;
}

FrontierEntry SourceQueue::EndLease(const std::string& id) {
  const auto it = leased_.find(id);
  VERSO_CHECK(it != leased_.end());
  FrontierEntry entry = std::move(it->second.entry);
  leased_.erase(it);
  return entry;
}

void SourceQueue::OfferDeferred() {
  for (const std::string& id : deferred_) held_.erase(id);
  if (!deferred_.empty()) {
    for (bool& more : may_have_more) more = true;
  }
  deferred_.clear();
}

void SourceQueue::Drop(const std::string& id) {
  if (held_.erase(id) == 0) return;
  deferred_.erase(id);
  if (leased_.erase(id) > 0) return;
  // On offer again after its lease was lost, and settled all the same.
  const auto is_it = [&](const FrontierEntry& entry) {
    return entry.item().id() == id;
  };
  for (std::deque<FrontierEntry>& ready : ready_) std::erase_if(ready, is_it);
  std::erase_if(delayed_, [&](const auto& row) { return is_it(row.second); });
}

absl::Time SourceQueue::NextRetry() const {
  return delayed_.empty() ? absl::InfiniteFuture() : delayed_.begin()->first;
}

}  // namespace verso
