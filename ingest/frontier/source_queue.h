#ifndef VERSO_INGEST_FRONTIER_SOURCE_QUEUE_H_
#define VERSO_INGEST_FRONTIER_SOURCE_QUEUE_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/frontier.pb.h"

namespace verso {

// The part of one source's queue that is in memory. An item that it holds is on
// offer, waits for its retry, is leased, or is deferred; others lie on disk.
// Not thread-safe.
class SourceQueue {
 public:
  static constexpr int kPriorities = 2;  // Pictures, listings.
  static int PriorityOf(const WorkItem& item);

  struct Leased {
    FrontierEntry entry;
    ItemLease lease;
  };

  // From disk, or back from a lease (then `first`, before all others); not on
  // offer before its retry time.
  void Offer(FrontierEntry entry, absl::Time now, bool first = false);
  bool Holds(const std::string& id) const { return held_.contains(id); }

  // How many are on offer, those whose retry is due at `now` included.
  size_t Ready(int priority, absl::Time now);
  // REQUIRES: Ready() > 0.
  FrontierEntry Pop(int priority);

  void AddLease(FrontierEntry entry, ItemLease lease);
  // nullptr: none.
  const Leased* FindLease(const std::string& id) const;
  const Leased* FindLease(absl::string_view session, int slot) const;
  std::vector<std::string> LeasesOf(absl::string_view session) const;
  // REQUIRES: leased.
  FrontierEntry EndLease(const std::string& id);
  size_t leased() const { return leased_.size(); }

  // Not on offer until OfferDeferred().
  void Defer(const std::string& id) { deferred_.insert(id); }
  // They are on disk only, from now on.
  void OfferDeferred();

  // The item is settled, wherever it was.
  void Drop(const std::string& id);

  absl::Time NextRetry() const;  // InfiniteFuture: none waits.

  // Whether the rows on disk may hold more than is held here.
  bool may_have_more[kPriorities] = {true, true};

 private:
  std::deque<FrontierEntry> ready_[kPriorities];
  std::multimap<absl::Time, FrontierEntry> delayed_;
  std::map<std::string, Leased> leased_;
  std::set<std::string> deferred_;
  std::set<std::string> held_;  // All of these, by id.
};

}  // namespace verso

#endif  // VERSO_INGEST_FRONTIER_SOURCE_QUEUE_H_
