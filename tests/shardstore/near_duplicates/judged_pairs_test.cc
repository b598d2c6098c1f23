#include "shardstore/near_duplicates/judged_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JudgedPairsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = fs::path(::testing::TempDir()) /
            ::testing::UnitTest::GetInstance()->current_test_info()->name() /
            "judged_pairs";
    fs::remove_all(path_.parent_path());
  }

  static std::string Id(int n) { return absl::StrFormat("%032x", n); }
  static JudgedPair Pair(int a, int b) {
    return {PackId(Id(a)), PackId(Id(b))};
  }

  // What is in the file, as ids.
  std::vector<std::string> Opened(int method_version = 1) {
    std::vector<std::string> texts;
    const auto visit = [&](const JudgedPair& pair) {
      texts.push_back(UnpackId(pair.first) + " " + UnpackId(pair.second));
    };
    auto opened = JudgedPairs::Open(path_, method_version, visit);
    EXPECT_OK(opened);
    pairs_ = *std::move(opened);
    return texts;
  }

  fs::path path_;
  std::unique_ptr<JudgedPairs> pairs_;
};

TEST_F(JudgedPairsTest, WhatWasAddedIsThereAgain) {
  EXPECT_THAT(Opened(), IsEmpty());
  ASSERT_OK(pairs_->Add({Pair(1, 2), Pair(3, 4)}));
  ASSERT_OK(pairs_->Add({Pair(5, 6)}));
  EXPECT_THAT(Opened(), ElementsAre(Id(1) + " " + Id(2), Id(3) + " " + Id(4),
                                    Id(5) + " " + Id(6)));
}

TEST_F(JudgedPairsTest, AnotherMethodBeginsAnew) {
  Opened(1);
  ASSERT_OK(pairs_->Add({Pair(1, 2)}));
  EXPECT_THAT(Opened(2), IsEmpty());
  EXPECT_THAT(Opened(1), IsEmpty());
}

TEST_F(JudgedPairsTest, ATornEndCostsItsPairOnly) {
  Opened();
  ASSERT_OK(pairs_->Add({Pair(1, 2), Pair(3, 4)}));
  fs::resize_file(path_, fs::file_size(path_) - 7);
  EXPECT_THAT(Opened(), ElementsAre(Id(1) + " " + Id(2)));
  ASSERT_OK(pairs_->Add({Pair(5, 6)}));
  EXPECT_THAT(Opened(), ElementsAre(Id(1) + " " + Id(2), Id(5) + " " + Id(6)));
}

TEST_F(JudgedPairsTest, ADamagedPairIsComparedAgainAndItsNeighboursAreNot) {
  Opened();
  ASSERT_OK(pairs_->Add({Pair(1, 2), Pair(3, 4), Pair(5, 6)}));
  std::string bytes = *ReadFile(path_);
  bytes[2 * 40 + 20] ^= 1;
  ASSERT_OK(WriteFileAtomically(path_, bytes));
  EXPECT_THAT(Opened(), ElementsAre(Id(1) + " " + Id(2), Id(5) + " " + Id(6)));
}

TEST_F(JudgedPairsTest, AnythingElseOfItsNameIsWrittenOver) {
  fs::create_directories(path_.parent_path());
  ASSERT_OK(WriteFileAtomically(path_, std::string(1000, 'x')));
  EXPECT_THAT(Opened(), IsEmpty());
  ASSERT_OK(pairs_->Add({Pair(1, 2)}));
  EXPECT_THAT(Opened(), ElementsAre(Id(1) + " " + Id(2)));
}

TEST_F(JudgedPairsTest, MoreThanAPartIsReadWhole) {
  Opened();
  std::vector<JudgedPair> many;
  for (int i = 0; i < 60000; ++i) many.push_back(Pair(i, i + 1));
  ASSERT_OK(pairs_->Add(many));
  EXPECT_EQ(Opened().size(), many.size());
}

}  // namespace
}  // namespace verso
