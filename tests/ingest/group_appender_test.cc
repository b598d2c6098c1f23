#include "ingest/group_appender.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/ingest/fake_shard_store.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

std::vector<Record> Records(const std::vector<std::string>& images) {
  std::vector<Record> records;
  for (const std::string& image : images) {
    records.emplace_back().set_image(image);
  }
  return records;
}

TEST(GroupAppenderTest, GivesEachCallerItsOwnOutcomesInOrder) {
  FakeShardStore store;
  GroupAppender appender(&store);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 50; ++k) {
        const std::string mine = absl::StrCat(i, "/", k);
        const auto outcomes = appender.Append(Records({mine, mine}));
        right += outcomes.ok() && outcomes->size() == 2 &&
                 (*outcomes)[0].outcome() == APPEND_OUTCOME_STORED &&
                 (*outcomes)[1].outcome() == APPEND_OUTCOME_DUPLICATE &&
                 (*outcomes)[0].record_id() == (*outcomes)[1].record_id();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 400);
  EXPECT_EQ(store.records().size(), 400);
  EXPECT_LE(store.appends(), 400);
}

TEST(GroupAppenderTest, NothingIsNoAppend) {
  FakeShardStore store;
  GroupAppender appender(&store);
  EXPECT_OK(appender.Append({}));
  EXPECT_EQ(store.appends(), 0);
}

TEST(GroupAppenderTest, AStoreThatComesBackIsWaitedFor) {
  FakeShardStore store;
  GroupAppender appender(&store);
  store.Break(absl::UnavailableError("restarting"), /*times=*/2);
  EXPECT_OK(appender.Append(Records({"a"})));
  EXPECT_EQ(store.records().size(), 1);
}

TEST(GroupAppenderTest, AStoreThatStaysAwayIsTheCallers) {
  FakeShardStore store;
  GroupAppender appender(&store, /*patience=*/absl::ZeroDuration());
  store.Break(absl::UnavailableError("gone"));
  EXPECT_TRUE(absl::IsUnavailable(appender.Append(Records({"a"})).status()));
}

TEST(GroupAppenderTest, AFailureOfTheStoreIsTheCallers) {
  FakeShardStore store;
  GroupAppender appender(&store);
  store.Break(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(
      absl::IsResourceExhausted(appender.Append(Records({"a"})).status()));
}

}  // namespace
}  // namespace verso
