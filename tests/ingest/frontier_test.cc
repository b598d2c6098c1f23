#include "ingest/frontier.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::IsOkAndHolds;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000'000);

WorkItem Item(const std::string& id, FetchKind kind = FETCH_KIND_IMAGE) {
  WorkItem item;
  item.set_source("wga");
  item.set_id(id);
  item.set_kind(kind);
  return item;
}

class FrontierTest : public ::testing::Test {
 protected:
  FrontierTest() { Reopen(); }

  // As after a kill: what was leased is forgotten.
  void Reopen() {
    frontier_.reset();
    frontier_ = Frontier::Open(dir_).value();
  }
  std::optional<LeasedItem> Lease(absl::Time now = kNow) {
    return frontier_->Lease("wga", now).value();
  }
  // The ids of all items on offer.
  std::multiset<std::string> LeaseAll() {
    std::multiset<std::string> ids;
    while (const auto leased = Lease()) ids.insert(leased->item.id());
    return ids;
  }

  const std::filesystem::path dir_ = testing::MakeTestDir("frontier");
  std::unique_ptr<Frontier> frontier_;
};

TEST_F(FrontierTest, AnItemSeenBeforeIsNotAddedAgain) {
  EXPECT_THAT(frontier_->Add({Item("a"), Item("b"), Item("a")}),
              IsOkAndHolds(2));
  EXPECT_THAT(frontier_->Add({Item("a")}), IsOkAndHolds(0));
  EXPECT_EQ(LeaseAll(), (std::multiset<std::string>{"a", "b"}));
}

TEST_F(FrontierTest, HandsOutManyItemsOnceEach) {
  std::vector<WorkItem> items;
  for (int i = 0; i < 1000; ++i) items.push_back(Item(std::to_string(i)));
  EXPECT_THAT(frontier_->Add(items), IsOkAndHolds(1000));
  const std::multiset<std::string> ids = LeaseAll();
  EXPECT_EQ(ids.size(), 1000);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1000);
}

TEST_F(FrontierTest, PicturesComeBeforeListings) {
  ASSERT_OK(frontier_->Add({Item("page", FETCH_KIND_PAGE), Item("picture")}));
  EXPECT_EQ(Lease()->item.id(), "picture");
  EXPECT_EQ(Lease()->item.id(), "page");
}

TEST_F(FrontierTest, ListingsComeInTheOrderAdded) {
  ASSERT_OK(
      frontier_->Add({Item("c", FETCH_KIND_PAGE), Item("a", FETCH_KIND_PAGE)}));
  ASSERT_OK(frontier_->Add({Item("b", FETCH_KIND_PAGE)}));
  EXPECT_EQ(Lease()->item.id(), "c");
  EXPECT_EQ(Lease()->item.id(), "a");
  EXPECT_EQ(Lease()->item.id(), "b");
}

TEST_F(FrontierTest, WhatIsDoneOrRefusedStaysSo) {
  ASSERT_OK(frontier_->Add({Item("a"), Item("b")}));
  SourceCounts stored;
  stored.set_stored(1);
  ASSERT_OK(frontier_->Complete(Lease()->item, stored));
  ASSERT_OK(frontier_->Fail(Lease()->item, "HTTP 404", "gone", {}));
  Reopen();
  EXPECT_FALSE(Lease().has_value());
  EXPECT_THAT(frontier_->Add({Item("a"), Item("b")}), IsOkAndHolds(0));
  EXPECT_EQ(frontier_->Counts("wga").stored(), 1);
  EXPECT_EQ(frontier_->Counts("wga").queued(), 0);
}

TEST_F(FrontierTest, WhatWasLeasedWhenTheProcessDiedIsQueuedAgain) {
  ASSERT_OK(frontier_->Add({Item("a")}));
  ASSERT_TRUE(Lease().has_value());
  EXPECT_FALSE(Lease().has_value());
  Reopen();
  EXPECT_EQ(Lease()->item.id(), "a");
}

TEST_F(FrontierTest, ARetryWaitsForItsTime) {
  ASSERT_OK(frontier_->Add({Item("a")}));
  ASSERT_OK(frontier_->Retry(Lease()->item, "HTTP 503", "busy",
                             kNow + absl::Seconds(5)));
  EXPECT_FALSE(Lease().has_value());
  EXPECT_EQ(frontier_->NextRetry("wga"), kNow + absl::Seconds(5));
  const auto again = Lease(kNow + absl::Seconds(5));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->tries, 1);
}

TEST_F(FrontierTest, ARetrysTimeOutlivesTheProcess) {
  ASSERT_OK(frontier_->Add({Item("a")}));
  ASSERT_OK(frontier_->Retry(Lease()->item, "HTTP 429", "busy",
                             kNow + absl::Hours(1)));
  Reopen();
  EXPECT_FALSE(Lease().has_value());
  EXPECT_TRUE(Lease(kNow + absl::Hours(1)).has_value());
}

TEST_F(FrontierTest, WhatIsDeferredIsForTheNextProcess) {
  ASSERT_OK(frontier_->Add({Item("a")}));
  ASSERT_OK(frontier_->Defer(Lease()->item, "no answer", "", kNow));
  EXPECT_FALSE(Lease(kNow + absl::Hours(1)).has_value());
  EXPECT_EQ(frontier_->Counts("wga").queued(), 1);
  Reopen();
  EXPECT_TRUE(Lease().has_value());
}

TEST_F(FrontierTest, MembersOfAnArchiveAreRemembered) {
  ASSERT_OK(frontier_->MarkDone("wga", {"m1"}, {}));
  Reopen();
  EXPECT_THAT(frontier_->IsDone("wga", "m1"), IsOkAndHolds(true));
  EXPECT_THAT(frontier_->IsDone("wga", "m2"), IsOkAndHolds(false));
}

TEST_F(FrontierTest, WhatIsLeftOutIsCountedOnce) {
  EXPECT_THAT(frontier_->MarkRefused("wga", "a", "grid"), IsOkAndHolds(true));
  Reopen();
  EXPECT_THAT(frontier_->MarkRefused("wga", "a", "grid"), IsOkAndHolds(false));
  EXPECT_THAT(frontier_->Add({Item("a")}), IsOkAndHolds(0));
}

TEST_F(FrontierTest, NotesOutliveTheProcess) {
  Provenance note;
  note.set_image_url("u");
  ASSERT_OK(frontier_->AddNote("wga", "k", note));
  Reopen();
  EXPECT_EQ((*frontier_->FindNote("wga", "k"))->image_url(), "u");
  EXPECT_FALSE(frontier_->FindNote("wga", "other")->has_value());
}

TEST_F(FrontierTest, TheDirectoryHasOneOwner) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Frontier::Open(dir_).status()));
}

}  // namespace
}  // namespace verso
