#include "shardstore/near_duplicates/candidate_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PictureKeys Look(uint64_t look) { return {.look = look}; }

uint64_t WithFlips(uint64_t look, int flips, std::mt19937_64& random) {
  uint64_t mask = 0;
  while (std::popcount(mask) < flips) mask |= uint64_t{1} << random() % 64;
  return look ^ mask;
}

// The rule, by comparing every look with every other one.
std::vector<CandidatePair> ByComparingAll(
    const std::vector<PictureKeys>& records, int max_distance) {
  std::vector<CandidatePair> pairs;
  for (uint32_t i = 0; i < records.size(); ++i) {
    for (uint32_t j = i + 1; j < records.size(); ++j) {
      const bool near =
          records[i].look && records[j].look &&
          std::popcount(*records[i].look ^ *records[j].look) <= max_distance;
      const bool same_work =
          records[i].work != 0 && records[i].work == records[j].work;
      if (near || same_work) pairs.push_back({i, j});
    }
  }
  return pairs;
}

TEST(CandidatePairsTest, FindsEveryPairThatComparingAllFinds) {
  std::mt19937_64 random(1);
  for (int max_distance = 0; max_distance <= 14; ++max_distance) {
    std::vector<PictureKeys> records;
    for (int i = 0; i < 120; ++i) {
      const uint64_t look = random();
      records.push_back({.look = look, .work = random() % 40});
      for (int k = 0; k < 4; ++k) {
        const int flips = static_cast<int>(random() % 20);
        records.push_back(Look(WithFlips(look, flips, random)));
      }
    }
    std::shuffle(records.begin(), records.end(), random);
    const Candidates found =
        FindCandidates(records, {.max_distance = max_distance});
    EXPECT_EQ(found.pairs, ByComparingAll(records, max_distance));
    EXPECT_EQ(found.pairs_left_out, 0);
    EXPECT_EQ(found.full_bands, 0);
  }
}

TEST(CandidatePairsTest, LooksAreFoundWhicheverBitsTheyDifferIn) {
  std::mt19937_64 random(7);
  std::vector<PictureKeys> records;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t look = random();
    records.push_back(Look(look));
    records.push_back(Look(WithFlips(look, 14, random)));
  }
  const Candidates found = FindCandidates(records);
  for (uint32_t i = 0; i < records.size(); i += 2) {
    ASSERT_TRUE(std::binary_search(found.pairs.begin(), found.pairs.end(),
                                   CandidatePair{i, i + 1}))
        << i;
  }
}

TEST(CandidatePairsTest, ARecordWithoutKeysIsInNoPair) {
  const std::vector<PictureKeys> records(50);
  EXPECT_THAT(FindCandidates(records).pairs, IsEmpty());
}

TEST(CandidatePairsTest, EqualWorksArePairedHoweverTheyLook) {
  const std::vector<PictureKeys> records = {
      {.look = 0, .work = 7}, {.work = 8}, {.look = ~uint64_t{0}, .work = 7}};
  EXPECT_THAT(FindCandidates(records).pairs, ElementsAre(CandidatePair{0, 2}));
}

TEST(CandidatePairsTest, AFloodOfOneLookMakesPairsInProportion) {
  constexpr int64_t kRecords = 20000;
  const std::vector<PictureKeys> records(kRecords, {.look = 5, .work = 5});
  const CandidateLimits limits;
  const Candidates found = FindCandidates(records, limits);
  EXPECT_LE(found.pairs.size(), 2 * kRecords * limits.pairs_of_record);
  // What was kept out is said, by look and by work.
  const int64_t kept = static_cast<int64_t>(found.pairs.size());
  EXPECT_EQ(found.pairs_left_out, 2 * (kRecords * (kRecords - 1) / 2 - kept));
}

TEST(CandidatePairsTest, AFloodOfLooksNearEachOtherMakesPairsInProportion) {
  std::mt19937_64 random(2);
  constexpr int kRecords = 6000;
  std::vector<PictureKeys> records;
  for (int i = 0; i < kRecords; ++i) {
    records.push_back(Look(WithFlips(0, 5, random)));
  }
  const CandidateLimits limits;
  const Candidates found = FindCandidates(records, limits);
  EXPECT_LE(static_cast<int64_t>(found.pairs.size()),
            kRecords * limits.pairs_of_record);
  EXPECT_GT(found.pairs_left_out, 0);
}

TEST(CandidatePairsTest, LooksMadeToShareABandAreSaidToBeTooMany) {
  std::mt19937_64 random(3);
  std::vector<PictureKeys> records;
  for (int i = 0; i < 5000; ++i) {
    records.push_back(Look(random() & ~uint64_t{0x1fff}));
  }
  EXPECT_EQ(FindCandidates(records).full_bands, 1);
}

TEST(CandidatePairsTest, TheNearestLooksComeFirstWhenThereAreTooMany) {
  std::mt19937_64 random(4);
  std::vector<PictureKeys> records;
  for (int i = 0; i < 40; ++i) records.push_back(Look(WithFlips(0, 9, random)));
  records.push_back(Look(1));
  records.push_back(Look(0));
  const Candidates found = FindCandidates(records, {.pairs_of_record = 1});
  EXPECT_THAT(found.pairs, ::testing::Contains(CandidatePair{40, 41}));
}

TEST(CandidatePairsTest, ALookIs16HexDigits) {
  EXPECT_EQ(ParseLook("00000000000000ff"), 255u);
  EXPECT_EQ(ParseLook("ffffffffffffffff"), ~uint64_t{0});
  for (const char* wrong : {"", "ff", "0x000000000000ff", "000000000000000g",
                            "00000000000000ff0", "-00000000000000f"}) {
    EXPECT_EQ(ParseLook(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace verso
