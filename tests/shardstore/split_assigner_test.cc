#include "shardstore/split_assigner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace verso {
namespace {

SplitPolicy StudyPolicy() {
  SplitPolicy policy;
  policy.set_validation(0.18);
  policy.set_test(0.10);
  return policy;
}

Candidate CandidateOf(int i) {
  Candidate candidate;
  candidate.id = absl::StrFormat("%032x", i);
  return candidate;
}

std::vector<Candidate> Unlinked(int n) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < n; ++i) candidates.push_back(CandidateOf(i));
  return candidates;
}

// A collection with details, children of several generations, parents that are
// not stored, and equal looks.
std::vector<Candidate> RandomCollection(std::mt19937& random) {
  std::vector<Candidate> candidates = Unlinked(20 + random() % 200);
  for (size_t i = 0; i < candidates.size(); ++i) {
    Candidate& c = candidates[i];
    c.source = static_cast<int>(random() % 4);
    if (random() % 4 == 0) c.work_key = absl::StrCat("w", random() % 40);
    if (random() % 6 == 0) c.perceptual_hash = absl::StrCat(random() % 60);
    if (i > 0 && random() % 4 == 0) c.parent = candidates[random() % i].id;
    if (random() % 20 == 0) c.parent = absl::StrCat("gone", random() % 5);
  }
  return candidates;
}

// The rule, said as a relation between two records.
bool AreLinked(const Candidate& a, const Candidate& b) {
  const auto same = [](const std::string& x, const std::string& y) {
    return !x.empty() && x == y;
  };
  return same(a.work_key, b.work_key) || same(a.parent, b.parent) ||
         same(a.perceptual_hash, b.perceptual_hash) || a.parent == b.id ||
         b.parent == a.id;
}

std::vector<SplitItem> ItemsOf(const std::vector<Candidate>& candidates,
                               int held_out_source) {
  const std::vector<std::string> works = FindWorks(candidates);
  std::vector<SplitItem> items;
  for (size_t i = 0; i < candidates.size(); ++i) {
    items.push_back({works[i], candidates[i].source,
                     candidates[i].source == held_out_source});
  }
  return items;
}

// `n` works of one record each.
std::vector<SplitItem> SingleWorks(int n, int source) {
  std::vector<SplitItem> items;
  for (int i = 0; i < n; ++i) {
    items.push_back({absl::StrCat("s", source, "w", i), source, false});
  }
  return items;
}

int Count(const std::vector<Split>& splits, Split split) {
  return static_cast<int>(std::count(splits.begin(), splits.end(), split));
}

TEST(FindWorksTest, ARecordWithoutLinksIsItsOwnWork) {
  const auto works = FindWorks(Unlinked(3));
  EXPECT_EQ(std::set<std::string>(works.begin(), works.end()).size(), 3u);
}

TEST(FindWorksTest, LinkedRecordsAreOneWork) {
  std::mt19937 random(1);
  for (int round = 0; round < 60; ++round) {
    const std::vector<Candidate> candidates = RandomCollection(random);
    const std::vector<std::string> works = FindWorks(candidates);
    for (size_t i = 0; i < candidates.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (!AreLinked(candidates[i], candidates[j])) continue;
        ASSERT_EQ(works[i], works[j]) << i << " and " << j;
      }
    }
  }
}

TEST(FindWorksTest, RecordsOfOneWorkAreLinkedByAChain) {
  std::mt19937 random(2);
  for (int round = 0; round < 30; ++round) {
    const std::vector<Candidate> candidates = RandomCollection(random);
    const std::vector<std::string> works = FindWorks(candidates);
    // Walk from each work's first record; everybody of it must be reached.
    std::vector<bool> reached(candidates.size(), false);
    std::set<std::string> begun;
    std::vector<size_t> open;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (begun.insert(works[i]).second) {
        reached[i] = true;
        open.push_back(i);
      }
    }
    while (!open.empty()) {
      const size_t i = open.back();
      open.pop_back();
      for (size_t j = 0; j < candidates.size(); ++j) {
        if (reached[j] || !AreLinked(candidates[i], candidates[j])) continue;
        reached[j] = true;
        open.push_back(j);
      }
    }
    ASSERT_EQ(std::count(reached.begin(), reached.end(), false), 0);
  }
}

TEST(FindWorksTest, AWorkIsNamedByItsSmallestRecordInAnyOrder) {
  std::mt19937 random(3);
  std::vector<Candidate> candidates = RandomCollection(random);
  std::map<std::string, std::string> name_of;
  const std::vector<std::string> works = FindWorks(candidates);
  for (size_t i = 0; i < works.size(); ++i) {
    EXPECT_LE(works[i], candidates[i].id);
    name_of[candidates[i].id] = works[i];
  }
  std::shuffle(candidates.begin(), candidates.end(), random);
  const std::vector<std::string> again = FindWorks(candidates);
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i], name_of.at(candidates[i].id));
  }
}

TEST(FindWorksTest, ALookThatManyShareLinksNobody) {
  std::vector<Candidate> candidates = Unlinked(kMaxRecordsOfOneLook + 1);
  for (Candidate& c : candidates) c.perceptual_hash = "0000000000000000";
  auto works = FindWorks(candidates);
  EXPECT_EQ(std::set<std::string>(works.begin(), works.end()).size(),
            candidates.size());
  candidates.pop_back();
  works = FindWorks(candidates);
  EXPECT_EQ(std::set<std::string>(works.begin(), works.end()).size(), 1u);
}

TEST(AssignSplitsTest, NoWorkCrossesASplit) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    const auto items = ItemsOf(RandomCollection(random), 3);
    const auto splits = AssignSplits(items, StudyPolicy(), round);
    std::map<std::string, std::set<Split>> of_work;
    for (size_t i = 0; i < items.size(); ++i) {
      if (splits[i] != SPLIT_UNSPECIFIED) {
        of_work[items[i].work].insert(splits[i]);
      }
    }
    for (const auto& [work, seen] : of_work) ASSERT_EQ(seen.size(), 1u);
  }
}

TEST(AssignSplitsTest, HeldOutItemsAreInTestOrLeftOut) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const auto items = ItemsOf(RandomCollection(random), 3);
    const auto splits = AssignSplits(items, StudyPolicy(), round);
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].held_out) {
        ASSERT_TRUE(splits[i] == SPLIT_TEST || splits[i] == SPLIT_UNSPECIFIED);
      } else {
        ASSERT_NE(splits[i], SPLIT_UNSPECIFIED);
      }
    }
  }
}

TEST(AssignSplitsTest, AHeldOutItemIsLeftOutWhereItsWorkIsTrainedOn) {
  std::vector<SplitItem> items = SingleWorks(100, 0);
  for (int i = 0; i < 100; ++i) items.push_back({items[i].work, 1, true});
  const auto splits = AssignSplits(items, StudyPolicy(), 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(splits[100 + i],
              splits[i] == SPLIT_TEST ? SPLIT_TEST : SPLIT_UNSPECIFIED);
  }
}

TEST(AssignSplitsTest, HeldOutWorksOfTheirOwnAreAllInTest) {
  std::vector<SplitItem> items = SingleWorks(50, 0);
  for (SplitItem& item : items) item.held_out = true;
  EXPECT_EQ(Count(AssignSplits(items, StudyPolicy(), 1), SPLIT_TEST), 50);
}

TEST(AssignSplitsTest, SharesAreThoseOfThePolicy) {
  const auto splits = AssignSplits(SingleWorks(1000, 0), StudyPolicy(), 1);
  EXPECT_EQ(Count(splits, SPLIT_TRAIN), 720);
  EXPECT_EQ(Count(splits, SPLIT_VALIDATION), 180);
  EXPECT_EQ(Count(splits, SPLIT_TEST), 100);
}

TEST(AssignSplitsTest, ThreeWorksReachAllThreeSplits) {
  for (int n = 3; n <= 40; ++n) {
    std::vector<SplitItem> items = SingleWorks(n, 0);
    for (const SplitItem& other : SingleWorks(43 - n, 1)) {
      items.push_back(other);
    }
    const auto splits = AssignSplits(items, StudyPolicy(), n);
    for (const int source : {0, 1}) {
      std::set<Split> seen;
      for (size_t i = 0; i < items.size(); ++i) {
        if (items[i].source == source) seen.insert(splits[i]);
      }
      ASSERT_EQ(seen.size(), 3u) << n << " works, source " << source;
    }
  }
}

TEST(AssignSplitsTest, PairsReachAllThreeSplitsTogether) {
  std::vector<SplitItem> items = SingleWorks(3, 0);
  for (int i = 0; i < 3; ++i) items.push_back({items[i].work, 1, false});
  const auto splits = AssignSplits(items, StudyPolicy(), 1);
  EXPECT_EQ(Count(splits, SPLIT_TRAIN), 2);
  EXPECT_EQ(Count(splits, SPLIT_VALIDATION), 2);
  EXPECT_EQ(Count(splits, SPLIT_TEST), 2);
}

TEST(AssignSplitsTest, TwoWorksKeepOneToTrainOn) {
  const auto splits = AssignSplits(SingleWorks(2, 0), StudyPolicy(), 1);
  EXPECT_GE(Count(splits, SPLIT_TRAIN), 1);
}

TEST(AssignSplitsTest, DoesNotDependOnTheOrderOfTheItems) {
  std::mt19937 random(6);
  const auto items = ItemsOf(RandomCollection(random), 3);
  const auto splits = AssignSplits(items, StudyPolicy(), 1);
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  std::vector<SplitItem> shuffled;
  for (const size_t i : order) shuffled.push_back(items[i]);
  const auto again = AssignSplits(shuffled, StudyPolicy(), 1);
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(again[i], splits[order[i]]);
  }
}

TEST(AssignSplitsTest, AnotherSeedDealsOtherwise) {
  const auto items = SingleWorks(100, 0);
  EXPECT_NE(AssignSplits(items, StudyPolicy(), 1),
            AssignSplits(items, StudyPolicy(), 2));
}

TEST(AssignSplitsTest, NothingGivesNothing) {
  EXPECT_TRUE(AssignSplits({}, StudyPolicy(), 1).empty());
}

// Links among a collection, and over records that are not in it.
std::vector<WorkLink> RandomLinks(const std::vector<Candidate>& candidates,
                                  std::mt19937& random) {
  const auto any = [&] { return candidates[random() % candidates.size()].id; };
  std::vector<WorkLink> links(candidates.size() / 8);
  for (WorkLink& link : links) {
    link.set_record_id(any());
    link.set_other_id(random() % 3 == 0 ? absl::StrCat("far", random() % 5)
                                        : any());
  }
  return links;
}

// Components found by spreading the smallest number until nothing changes.
std::vector<size_t> Components(const std::vector<Candidate>& candidates,
                               const std::vector<WorkLink>& links) {
  const auto names = [](const WorkLink& link, const Candidate& c) {
    return link.record_id() == c.id || link.other_id() == c.id;
  };
  const auto touch = [](const WorkLink& a, const WorkLink& b) {
    return a.record_id() == b.record_id() || a.record_id() == b.other_id() ||
           a.other_id() == b.record_id() || a.other_id() == b.other_id();
  };
  std::vector<size_t> of_item(candidates.size() + links.size());
  std::iota(of_item.begin(), of_item.end(), 0);
  const auto linked = [&](size_t i, size_t j) {  // i > j.
    const size_t n = candidates.size();
    if (i < n) return AreLinked(candidates[i], candidates[j]);
    if (j < n) return names(links[i - n], candidates[j]);
    return touch(links[i - n], links[j - n]);
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < of_item.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (of_item[i] == of_item[j] || !linked(i, j)) continue;
        of_item[i] = of_item[j] = std::min(of_item[i], of_item[j]);
        changed = true;
      }
    }
  }
  of_item.resize(candidates.size());
  return of_item;
}

TEST(AssignSplitsTest, NoComponentOfKeysParentsAndLinksCrossesASplit) {
  std::mt19937 random(12);
  for (int round = 0; round < 30; ++round) {
    const std::vector<Candidate> candidates = RandomCollection(random);
    const std::vector<WorkLink> links = RandomLinks(candidates, random);
    const std::vector<std::string> works = FindWorks(candidates, links);
    std::vector<SplitItem> items;
    for (size_t i = 0; i < candidates.size(); ++i) {
      items.push_back({works[i], candidates[i].source, false});
    }
    const std::vector<Split> splits =
        AssignSplits(items, StudyPolicy(), static_cast<uint64_t>(round));
    const std::vector<size_t> components = Components(candidates, links);
    for (size_t i = 0; i < candidates.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const bool same = components[i] == components[j];
        ASSERT_EQ(works[i] == works[j], same) << i << " and " << j;
        if (same) {
          ASSERT_EQ(splits[i], splits[j]) << i << " and " << j;
        }
      }
    }
  }
}

TEST(CountCommonLooksTest, CountsRecordsWhoseLookJoinsNobody) {
  std::vector<Candidate> candidates = Unlinked(kMaxRecordsOfOneLook + 3);
  for (Candidate& candidate : candidates) candidate.perceptual_hash = "blank";
  candidates[0].perceptual_hash = "other";
  candidates[1].perceptual_hash = "";
  EXPECT_EQ(CountCommonLooks(candidates), kMaxRecordsOfOneLook + 1);
  candidates.pop_back();
  EXPECT_EQ(CountCommonLooks(candidates), 0);
}

}  // namespace
}  // namespace verso
