#include "shardstore/record_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

using ::testing::IsSubsetOf;

const absl::flat_hash_set<std::string> kNobody;

Candidate CandidateOf(int i, const std::string& style = "",
                      const std::string& parent = "") {
  Candidate candidate;
  candidate.id = absl::StrCat("id", i);
  candidate.style = style;
  candidate.parent = parent;
  return candidate;
}

std::vector<Candidate> Numbered(int n) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < n; ++i) candidates.push_back(CandidateOf(i));
  return candidates;
}

std::vector<std::string> Ids(const std::vector<Candidate>& candidates) {
  std::vector<std::string> ids;
  for (const Candidate& candidate : candidates) ids.push_back(candidate.id);
  return ids;
}

std::map<std::string, int> CountStyles(const std::vector<Candidate>& chosen) {
  std::map<std::string, int> styles;
  for (const Candidate& candidate : chosen) ++styles[candidate.style];
  return styles;
}

TEST(RecordSelectionTest, TakesAsManyAsAskedAndNoneTwice) {
  const auto ids =
      Ids(SelectRecords(Numbered(100), 30, BALANCE_BY_NONE, 1, kNobody));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 30u);
}

TEST(RecordSelectionTest, TakesAllWhenThereAreFewer) {
  EXPECT_EQ(SelectRecords(Numbered(5), 30, BALANCE_BY_NONE, 1, kNobody).size(),
            5u);
}

TEST(RecordSelectionTest, DoesNotDependOnTheOrderOfTheCandidates) {
  std::vector<Candidate> candidates = Numbered(100);
  const auto first =
      Ids(SelectRecords(candidates, 30, BALANCE_BY_STYLE, 1, kNobody));
  std::mt19937 random(1);
  std::shuffle(candidates.begin(), candidates.end(), random);
  EXPECT_EQ(Ids(SelectRecords(candidates, 30, BALANCE_BY_STYLE, 1, kNobody)),
            first);
}

TEST(RecordSelectionTest, AnotherSeedChoosesOthers) {
  EXPECT_NE(Ids(SelectRecords(Numbered(100), 30, BALANCE_BY_NONE, 1, kNobody)),
            Ids(SelectRecords(Numbered(100), 30, BALANCE_BY_NONE, 2, kNobody)));
}

TEST(RecordSelectionTest, AskingForMoreKeepsWhatWasChosen) {
  const auto few =
      Ids(SelectRecords(Numbered(100), 20, BALANCE_BY_NONE, 1, kNobody));
  const auto more =
      Ids(SelectRecords(Numbered(100), 50, BALANCE_BY_NONE, 1, kNobody));
  EXPECT_THAT(few, IsSubsetOf(more));
}

TEST(RecordSelectionTest, StylesAreTakenInTurn) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 90; ++i) {
    candidates.push_back(CandidateOf(i, i < 70 ? "baroque" : "realism"));
  }
  const auto styles =
      CountStyles(SelectRecords(candidates, 31, BALANCE_BY_STYLE, 1, kNobody));
  EXPECT_EQ(styles.at("baroque") + styles.at("realism"), 31);
  EXPECT_LE(std::abs(styles.at("baroque") - styles.at("realism")), 1);
}

TEST(RecordSelectionTest, AStyleThatRunsOutIsMadeUpForByTheOthers) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 60; ++i) {
    const char* style = i < 5 ? "rococo" : i < 30 ? "baroque" : "realism";
    candidates.push_back(CandidateOf(i, style));
  }
  EXPECT_EQ(
      CountStyles(SelectRecords(candidates, 45, BALANCE_BY_STYLE, 1, kNobody)),
      (std::map<std::string, int>{
          {"rococo", 5}, {"baroque", 20}, {"realism", 20}}));
}

TEST(RecordSelectionTest, ChildrenOfWhatIsChosenComeFirst) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 100; ++i) {
    candidates.push_back(CandidateOf(i, "", absl::StrCat("parent", i)));
  }
  absl::flat_hash_set<std::string> chosen;
  for (int i = 40; i < 60; ++i) chosen.insert(absl::StrCat("parent", i));
  const auto children =
      SelectRecords(candidates, 20, BALANCE_BY_NONE, 1, chosen);
  ASSERT_EQ(children.size(), 20u);
  for (const Candidate& child : children) {
    EXPECT_TRUE(chosen.contains(child.parent)) << child.id;
  }
}

}  // namespace
}  // namespace verso
