#include "shardstore/split_assigner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "shardstore/keyed_hash.h"

namespace verso {
namespace {

// Disjoint sets with path halving.
class UnionFind {
 public:
  int Add() {
    parent_.push_back(static_cast<int>(parent_.size()));
    return parent_.back();
  }
  int Find(int x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void Union(int a, int b) { parent_[Find(a)] = Find(b); }

 private:
  std::vector<int> parent_;
};

// Joins whatever shares a key.
class KeyLinker {
 public:
  // The node of `key`, made when it is new.
  int NodeOf(const std::string& key) {
    const auto [it, is_new] = nodes_.try_emplace(key, 0);
    if (is_new) it->second = sets_.Add();
    return it->second;
  }
  void Link(const std::string& a, const std::string& b) {
    sets_.Union(NodeOf(a), NodeOf(b));
  }
  int SetOf(const std::string& key) { return sets_.Find(NodeOf(key)); }

 private:
  absl::flat_hash_map<std::string, int> nodes_;
  UnionFind sets_;
};

std::string RecordKey(const std::string& id) { return absl::StrCat("r:", id); }

absl::flat_hash_map<std::string, int> CountLooks(
    absl::Span<const Candidate> candidates) {
  absl::flat_hash_map<std::string, int> looks;
  for (const Candidate& candidate : candidates) {
    ++looks[candidate.perceptual_hash];
  }
  return looks;
}

// One work and where it is put.
struct WorkState {
  std::string name;
  std::set<int> trained_sources;
  uint64_t hash = 0;
  Split split = SPLIT_TEST;
};

constexpr std::array<Split, 3> kAllSplits = {SPLIT_TRAIN, SPLIT_VALIDATION,
                                             SPLIT_TEST};

// Works sorted by their hash.
std::vector<WorkState> GatherWorks(absl::Span<const SplitItem> items,
                                   uint64_t seed) {
  absl::flat_hash_map<std::string, std::set<int>> trained;
  for (const SplitItem& item : items) {
    std::set<int>& sources = trained[item.work];
    if (!item.held_out) sources.insert(item.source);
  }
  std::vector<WorkState> works;
  works.reserve(trained.size());
  for (auto& [name, sources] : trained) {
    works.push_back({.name = name,
                     .trained_sources = std::move(sources),
                     .hash = KeyedHash(seed, name)});
  }
  std::sort(works.begin(), works.end(),
            [](const WorkState& a, const WorkState& b) {
              return std::tie(a.hash, a.name) < std::tie(b.hash, b.name);
            });
  return works;
}

// Deals the works of each combination of sources by the policy's shares.
void DealByShares(std::vector<WorkState>& works, const SplitPolicy& policy) {
  std::map<std::set<int>, std::vector<WorkState*>> groups;
  for (WorkState& work : works) {
    if (!work.trained_sources.empty()) {
      groups[work.trained_sources].push_back(&work);
    }
  }
  for (auto& [sources, group] : groups) {
    const double n = static_cast<double>(group.size());
    const size_t test = static_cast<size_t>(std::lround(n * policy.test()));
    const size_t validation =
        static_cast<size_t>(std::lround(n * policy.validation()));
    for (size_t i = 0; i < group.size(); ++i) {
      group[i]->split = i < test                ? SPLIT_TEST
                        : i < test + validation ? SPLIT_VALIDATION
                                                : SPLIT_TRAIN;
    }
  }
}

// Number of works of each source in each split.
using Tally = std::map<int, std::map<Split, int>>;

Tally TallyOf(const std::vector<WorkState>& works) {
  Tally tally;
  for (const WorkState& work : works) {
    for (const int source : work.trained_sources) ++tally[source][work.split];
  }
  return tally;
}

// A work of `source` that can leave its split without emptying it for anybody:
// one out of the split that has most of them. Null when there is none.
WorkState* FindDonor(std::vector<WorkState>& works, int source, Tally& tally) {
  WorkState* donor = nullptr;
  for (WorkState& work : works) {
    if (!work.trained_sources.contains(source)) continue;
    const bool spared =
        std::all_of(work.trained_sources.begin(), work.trained_sources.end(),
                    [&](int other) { return tally[other][work.split] >= 2; });
    if (!spared) continue;
    if (donor == nullptr ||
        tally[source][work.split] > tally[source][donor->split]) {
      donor = &work;
    }
  }
  return donor;
}

// Each move fills one (source, split) and empties none, so this ends.
void FillEmptySplits(std::vector<WorkState>& works) {
  Tally tally = TallyOf(works);
  for (auto& [source, of_split] : tally) {
    for (const Split wanted : kAllSplits) {
      if (of_split[wanted] > 0) continue;
      WorkState* donor = FindDonor(works, source, tally);
      if (donor == nullptr) continue;
      for (const int other : donor->trained_sources) {
        --tally[other][donor->split];
        ++tally[other][wanted];
      }
      donor->split = wanted;
    }
  }
}

}  // namespace

std::vector<std::string> FindWorks(absl::Span<const Candidate> candidates,
                                   absl::Span<const WorkLink> links) {
  const absl::flat_hash_map<std::string, int> looks = CountLooks(candidates);
  KeyLinker linker;
  for (const Candidate& c : candidates) {
    const std::string record = RecordKey(c.id);
    linker.NodeOf(record);
    if (!c.work_key.empty()) {
      linker.Link(record, absl::StrCat("w:", c.work_key));
    }
    if (!c.parent.empty()) linker.Link(record, RecordKey(c.parent));
    if (!c.perceptual_hash.empty() &&
        looks.at(c.perceptual_hash) <= kMaxRecordsOfOneLook) {
      linker.Link(record, absl::StrCat("p:", c.perceptual_hash));
    }
  }
  for (const WorkLink& link : links) {
    linker.Link(RecordKey(link.record_id()), RecordKey(link.other_id()));
  }
  absl::flat_hash_map<int, std::string> smallest;
  for (const Candidate& c : candidates) {
    const auto [it, is_new] =
        smallest.try_emplace(linker.SetOf(RecordKey(c.id)), c.id);
    if (!is_new) it->second = std::min(it->second, c.id);
  }
  std::vector<std::string> works;
  works.reserve(candidates.size());
  for (const Candidate& c : candidates) {
    works.push_back(smallest.at(linker.SetOf(RecordKey(c.id))));
  }
  return works;
}

int64_t CountCommonLooks(absl::Span<const Candidate> candidates) {
  const absl::flat_hash_map<std::string, int> looks = CountLooks(candidates);
  return std::count_if(
      candidates.begin(), candidates.end(), [&](const Candidate& c) {
        return !c.perceptual_hash.empty() &&
               looks.at(c.perceptual_hash) > kMaxRecordsOfOneLook;
      });
}

std::vector<Split> AssignSplits(absl::Span<const SplitItem> items,
                                const SplitPolicy& policy, uint64_t seed) {
  std::vector<WorkState> works = GatherWorks(items, seed);
  DealByShares(works, policy);
  FillEmptySplits(works);
  absl::flat_hash_map<std::string, Split> split_of;
  for (const WorkState& work : works) split_of[work.name] = work.split;
  std::vector<Split> splits;
  splits.reserve(items.size());
  for (const SplitItem& item : items) {
    const Split split = split_of.at(item.work);
    const bool left_out = item.held_out && split != SPLIT_TEST;
    splits.push_back(left_out ? SPLIT_UNSPECIFIED : split);
  }
  return splits;
}

}  // namespace verso
