// The contract of ingest/frontier/frontier.h, kept by a directory and by a
// server alike.
#include "ingest/frontier/frontier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/kv/kv.h"
#include "ingest/frontier/frontier_server.h"
#include "ingest/frontier/frontier_session.h"
#include "ingest/frontier/frontier_status.h"
#include "ingest/frontier/local_frontier.h"
#include "ingest/frontier/remote_frontier.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::verso::testing::IsOkAndHolds;
using ::verso::testing::StatusIs;

constexpr absl::Duration kSilence = absl::Seconds(30);

WorkItem Item(const std::string& id, FetchKind kind = FETCH_KIND_IMAGE) {
  WorkItem item;
  item.set_source("wga");
  item.set_id(id);
  item.set_url("/" + id);
  item.set_kind(kind);
  return item;
}

SourceCounts Stored(int64_t count) {
  SourceCounts counts;
  counts.set_fetched(count);
  counts.set_stored(count);
  return counts;
}

// The parameter: served over gRPC.
class FrontierTest : public ::testing::TestWithParam<bool> {
 protected:
  FrontierTest() { Reopen(); }

  // As after a kill: sessions are not closed, only forgotten by those who had
  // them.
  void Reopen() {
    session_ = nullptr;
    remote_ = nullptr;
    server_ = nullptr;
    local_ = nullptr;
    LocalFrontierOptions options;
    options.now = [this] { return absl::FromUnixMicros(now_); };
    if (GetParam()) options.session_lifetime = kSilence;
    local_ = LocalFrontier::Open(dir_, options).value();
    if (GetParam()) {
      server_ = FrontierServer::Start(local_.get(), "127.0.0.1:0").value();
      remote_ = RemoteFrontier::Connect(server_->address()).value();
    }
    session_ = FrontierSession::Open(&frontier(), "test").value();
  }
  Frontier& frontier() {
    if (GetParam()) return *remote_;
    return *local_;
  }
  void Pass(absl::Duration time) { now_ += absl::ToInt64Microseconds(time); }

  LeaseResponse Lease(int slot = 0) { return LeaseBy(*session_, slot); }
  static LeaseResponse LeaseBy(FrontierSession& session, int slot = 0) {
    LeaseRequest request;
    request.set_source("wga");
    request.set_slot(slot);
    return session.Lease(request).value();
  }
  bool NothingOnOffer(int slot = 0) {
    return Lease(slot).verdict() != LEASE_VERDICT_LEASED;
  }
  // The ids of all items on offer, each leased by a slot of its own.
  std::multiset<std::string> LeaseAll() {
    std::multiset<std::string> ids;
    for (int slot = 0;; ++slot) {
      const LeaseResponse leased = Lease(slot);
      if (leased.verdict() != LEASE_VERDICT_LEASED) return ids;
      ids.insert(leased.item().id());
    }
  }
  SourceCounts Counts() { return session_->StatusOf("wga")->counts(); }

  std::atomic<int64_t> now_ =
      absl::ToUnixMicros(absl::FromUnixSeconds(1'000'000'000));
  const std::filesystem::path dir_ = testing::MakeTestDir("frontier");
  std::unique_ptr<LocalFrontier> local_;
  std::unique_ptr<FrontierServer> server_;
  std::unique_ptr<RemoteFrontier> remote_;
  std::unique_ptr<FrontierSession> session_;
};

INSTANTIATE_TEST_SUITE_P(Places, FrontierTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Served" : "Local";
                         });

TEST_P(FrontierTest, AnItemSeenBeforeIsNotAddedAgain) {
  EXPECT_THAT(session_->Add({Item("a"), Item("b"), Item("a")}),
              IsOkAndHolds(2));
  EXPECT_THAT(session_->Add({Item("a")}), IsOkAndHolds(0));
  EXPECT_EQ(LeaseAll(), (std::multiset<std::string>{"a", "b"}));
}

TEST_P(FrontierTest, AnItemNeedsAnIdAndASourceWithoutSlash) {
  EXPECT_TRUE(absl::IsInvalidArgument(session_->Add({Item("")}).status()));
  WorkItem item = Item("a");
  item.set_source("a/b");
  EXPECT_TRUE(absl::IsInvalidArgument(session_->Add({item}).status()));
}

TEST_P(FrontierTest, ManyItemsAreLeasedOnceEach) {
  std::vector<WorkItem> items;
  for (int i = 0; i < 2500; ++i) items.push_back(Item(std::to_string(i)));
  EXPECT_THAT(session_->Add(items), IsOkAndHolds(2500));
  std::set<std::string> ids;
  while (true) {
    const LeaseResponse leased = Lease();
    if (leased.verdict() != LEASE_VERDICT_LEASED) break;
    EXPECT_TRUE(ids.insert(leased.item().id()).second);
    ASSERT_OK(session_->Complete(leased.item(), Stored(1)));
  }
  EXPECT_EQ(ids.size(), 2500);
  EXPECT_EQ(Counts().stored(), 2500);
  EXPECT_EQ(Counts().queued(), 0);
}

TEST_P(FrontierTest, PicturesComeBeforeListings) {
  ASSERT_OK(session_->Add({Item("page", FETCH_KIND_PAGE), Item("picture")}));
  EXPECT_EQ(Lease(0).item().id(), "picture");
  EXPECT_EQ(Lease(1).item().id(), "page");
}

TEST_P(FrontierTest, ListingsComeInTheOrderAdded) {
  ASSERT_OK(
      session_->Add({Item("c", FETCH_KIND_PAGE), Item("a", FETCH_KIND_PAGE)}));
  ASSERT_OK(session_->Add({Item("b", FETCH_KIND_PAGE)}));
  EXPECT_EQ(Lease(0).item().id(), "c");
  EXPECT_EQ(Lease(1).item().id(), "a");
  EXPECT_EQ(Lease(2).item().id(), "b");
}

TEST_P(FrontierTest, ASlotThatAsksAgainGetsWhatItHolds) {
  ASSERT_OK(session_->Add({Item("a"), Item("b")}));
  const std::string first = Lease(0).item().id();
  EXPECT_EQ(Lease(0).item().id(), first);
  EXPECT_NE(Lease(1).item().id(), first);
}

TEST_P(FrontierTest, NoMoreIsLeasedThanIsAllowedOverAllWorkers) {
  ASSERT_OK(session_->Add({Item("a"), Item("b"), Item("c")}));
  const auto other = FrontierSession::Open(&frontier(), "other").value();
  LeaseRequest request;
  request.set_source("wga");
  request.set_max_leases(2);
  EXPECT_EQ(session_->Lease(request)->verdict(), LEASE_VERDICT_LEASED);
  const LeaseResponse second = other->Lease(request).value();
  EXPECT_EQ(second.verdict(), LEASE_VERDICT_LEASED);
  request.set_slot(1);
  EXPECT_EQ(session_->Lease(request)->verdict(), LEASE_VERDICT_WAIT);
  ASSERT_OK(other->Complete(second.item(), {}));
  EXPECT_EQ(session_->Lease(request)->verdict(), LEASE_VERDICT_LEASED);
}

TEST_P(FrontierTest, TheLimitOfRecordsCountsWhatIsUnderWay) {
  ASSERT_OK(session_->Add({Item("a"), Item("b"), Item("c")}));
  LeaseRequest request;
  request.set_source("wga");
  request.set_limit(1);
  const LeaseResponse first = session_->Lease(request).value();
  request.set_slot(1);
  EXPECT_EQ(session_->Lease(request)->verdict(), LEASE_VERDICT_WAIT);
  ASSERT_OK(session_->Complete(first.item(), Stored(1)));
  EXPECT_EQ(session_->Lease(request)->verdict(), LEASE_VERDICT_NOTHING);
}

TEST_P(FrontierTest, WhatIsDoneOrRefusedStaysSo) {
  ASSERT_OK(session_->Add({Item("a"), Item("b")}));
  ASSERT_OK(session_->Complete(Lease().item(), Stored(1)));
  SourceCounts refused;
  (*refused.mutable_refused())["HTTP 404"] = 1;
  ASSERT_OK(session_->Fail(Lease().item(), {"HTTP 404", "gone"}, refused));
  Reopen();
  EXPECT_TRUE(NothingOnOffer());
  EXPECT_THAT(session_->Add({Item("a"), Item("b")}), IsOkAndHolds(0));
  EXPECT_EQ(Counts().stored(), 1);
  EXPECT_EQ(Counts().refused().at("HTTP 404"), 1);
  EXPECT_EQ(Counts().queued(), 0);
}

TEST_P(FrontierTest, OnlyTheFirstSettlementCounts) {
  ASSERT_OK(session_->Add({Item("a")}));
  const LeaseResponse leased = Lease();
  ASSERT_OK(session_->Complete(leased.item(), Stored(1)));
  ASSERT_OK(session_->Complete(leased.item(), Stored(1)));
  ASSERT_OK(session_->Retry(leased.item(), {"HTTP 503"}));
  EXPECT_TRUE(NothingOnOffer());
  EXPECT_EQ(Counts().stored(), 1);
  EXPECT_EQ(Counts().queued(), 0);
}

TEST_P(FrontierTest, AnItemThatWasNeverAddedCannotBeSettled) {
  EXPECT_THAT(session_->Complete(Item("x"), {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"x\"")));
}

TEST_P(FrontierTest, ASessionThatIsClosedGivesItsItemsBack) {
  ASSERT_OK(session_->Add({Item("a")}));
  auto other = FrontierSession::Open(&frontier(), "other").value();
  EXPECT_EQ(LeaseBy(*other).item().id(), "a");
  EXPECT_EQ(Lease().verdict(), LEASE_VERDICT_WAIT);
  other = nullptr;
  EXPECT_EQ(Lease().item().id(), "a");
  EXPECT_EQ(Lease().tries(), 0);
}

TEST_P(FrontierTest, ARetryWaitsForItsTime) {
  ASSERT_OK(session_->Add({Item("a")}));
  ASSERT_OK(
      session_->Retry(Lease().item(), {"HTTP 503", "busy", absl::Seconds(5)}));
  const LeaseResponse none = Lease();
  EXPECT_EQ(none.verdict(), LEASE_VERDICT_NOTHING);
  EXPECT_EQ(none.retry_in_micros(), 5'000'000);
  Pass(absl::Seconds(5));
  EXPECT_EQ(Lease().tries(), 1);
}

TEST_P(FrontierTest, ARetrysTimeOutlivesTheProcess) {
  ASSERT_OK(session_->Add({Item("a")}));
  ASSERT_OK(
      session_->Retry(Lease().item(), {"HTTP 429", "busy", absl::Hours(1)}));
  Reopen();
  EXPECT_TRUE(NothingOnOffer());
  Pass(absl::Hours(1));
  EXPECT_EQ(Lease().tries(), 1);
}

TEST_P(FrontierTest, WhatIsDeferredIsForASessionThatOpensLater) {
  ASSERT_OK(session_->Add({Item("a")}));
  ASSERT_OK(session_->Defer(Lease().item(), {"no answer"}));
  EXPECT_TRUE(NothingOnOffer());
  EXPECT_EQ(Counts().queued(), 1);
  const auto later = FrontierSession::Open(&frontier(), "later").value();
  EXPECT_EQ(LeaseBy(*later).item().id(), "a");
}

TEST_P(FrontierTest, MembersOfAnArchiveAreRememberedAndCountedOnce) {
  ASSERT_OK(session_->MarkDone("wga", {"m1", "m2"}, Stored(2)));
  ASSERT_OK(session_->MarkDone("wga", {"m1", "m2"}, Stored(2)));
  Reopen();
  EXPECT_THAT(session_->FindFinished("wga", {"m1", "m3", "m2"}),
              IsOkAndHolds(ElementsAre(true, false, true)));
  EXPECT_EQ(Counts().stored(), 2);
}

TEST_P(FrontierTest, WhatIsLeftOutIsCountedOnce) {
  EXPECT_THAT(session_->MarkRefused("wga", "a", "grid"), IsOkAndHolds(true));
  Reopen();
  EXPECT_THAT(session_->MarkRefused("wga", "a", "grid"), IsOkAndHolds(false));
  EXPECT_THAT(session_->Add({Item("a")}), IsOkAndHolds(0));
}

TEST_P(FrontierTest, NotesOutliveTheProcess) {
  Note note;
  note.set_key("k");
  note.set_value("v");
  ASSERT_OK(session_->PutNotes("wga", {note}));
  Reopen();
  EXPECT_EQ(**session_->FindNote("wga", "k"), "v");
  EXPECT_FALSE(session_->FindNote("wga", "other")->has_value());
  EXPECT_FALSE(session_->FindNote("artbench", "k")->has_value());
}

TEST_P(FrontierTest, StartsAtAHostLieApartWhoeverAsks) {
  const auto other = FrontierSession::Open(&frontier(), "other").value();
  EXPECT_EQ(session_->ReserveStart("h:80", absl::Seconds(1))->wait_micros(), 0);
  EXPECT_EQ(other->ReserveStart("h:80", absl::Seconds(1))->wait_micros(),
            1'100'000);
  EXPECT_EQ(session_->ReserveStart("i:80", absl::Seconds(1))->wait_micros(), 0);
}

TEST_P(FrontierTest, WhatAHostAsksForOutlivesTheProcess) {
  ASSERT_OK(session_->SetCrawlDelay("h:80", absl::Seconds(10)));
  ASSERT_OK(session_->CloseHost("i:80", absl::Hours(1)));
  ASSERT_OK(session_->ReserveStart("h:80", absl::Seconds(1)).status());
  Reopen();
  EXPECT_EQ(session_->ReserveStart("h:80", absl::Seconds(1))->wait_micros(),
            11'000'000);
  EXPECT_EQ(session_->ReserveStart("i:80", absl::Seconds(1))->wait_micros(),
            3'600'000'000);
}

TEST_P(FrontierTest, AFinishedItemThatIsQueuedAgainBringsItsValidators) {
  ASSERT_OK(session_->Add({Item("a"), Item("b")}));
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(session_->Complete(Lease().item(), Stored(1), {"\"e\"", "d"}));
  }
  Pass(absl::Hours(2));
  RequeueRequest request;
  request.set_source("wga");
  request.set_older_than_micros(absl::ToInt64Microseconds(absl::Hours(3)));
  EXPECT_EQ(frontier().Requeue(request)->queued(), 0);
  request.set_older_than_micros(absl::ToInt64Microseconds(absl::Hours(1)));
  EXPECT_EQ(frontier().Requeue(request)->queued(), 2);
  EXPECT_EQ(Counts().queued(), 2);
  const LeaseResponse again = Lease();
  EXPECT_EQ(again.etag(), "\"e\"");
  EXPECT_EQ(again.last_modified(), "d");
  EXPECT_EQ(again.item().url(), "/" + again.item().id());
}

TEST_P(FrontierTest, AnybodyMayLookIntoTheDirectoryMeanwhile) {
  ASSERT_OK(session_->Add({Item("a"), Item("b"), Item("c")}));
  ASSERT_OK(session_->Complete(Lease().item(), Stored(1)));
  Lease();
  const StatusResponse seen = ReadFrontierStatus(dir_).value();
  const StatusResponse told = frontier().GetStatus({}).value();
  EXPECT_EQ(seen.SerializeAsString(), told.SerializeAsString());
  EXPECT_EQ(seen.source().at("wga").leased(), 1);
  EXPECT_EQ(seen.source().at("wga").counts().queued(), 2);
  EXPECT_EQ(seen.sessions(), 1);
}

TEST_P(FrontierTest, TheDirectoryHasOneOwner) {
  EXPECT_TRUE(absl::IsFailedPrecondition(LocalFrontier::Open(dir_).status()));
}

TEST(LocalFrontierTest, WhatWasLeasedWhenTheProcessDiedIsQueuedAgain) {
  const std::filesystem::path dir = testing::MakeTestDir("frontier");
  AddItemsRequest add;
  *add.add_item() = Item("a");
  LeaseRequest request;
  request.set_source("wga");
  for (int deaths = 0; deaths < 3; ++deaths) {
    const auto frontier = LocalFrontier::Open(dir).value();
    ASSERT_OK(frontier->AddItems(add).status());
    request.set_session(frontier->OpenSession({})->session());
    const LeaseResponse leased = frontier->Lease(request).value();
    EXPECT_EQ(leased.item().id(), "a");
    EXPECT_EQ(leased.tries(), deaths);  // It may be what killed the process.
  }
}

TEST(LocalFrontierTest, ADirectoryOfAnotherVersionIsNotRead) {
  const std::filesystem::path dir = testing::MakeTestDir("frontier");
  {
    const auto kv = KvStore::Open(dir).value();
    KvBatch batch;
    batch.Put("i/wga/a", "what an older version wrote");
    ASSERT_OK(kv->Write(batch, KvSync::kNo));
  }
  EXPECT_THAT(LocalFrontier::Open(dir).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another version")));
}

// Sessions of a server, which outlive it.
class ServedFrontierTest : public ::testing::Test {
 protected:
  ServedFrontierTest() { Reopen(); }
  void Reopen() {
    frontier_ = nullptr;
    LocalFrontierOptions options;
    options.session_lifetime = kSilence;
    options.now = [this] { return now_; };
    frontier_ = LocalFrontier::Open(dir_, options).value();
  }
  std::string OpenSession() { return frontier_->OpenSession({})->session(); }
  absl::StatusOr<LeaseResponse> Lease(const std::string& session) {
    LeaseRequest request;
    request.set_session(session);
    request.set_source("wga");
    return frontier_->Lease(request);
  }
  void Add(const std::string& id) {
    AddItemsRequest request;
    *request.add_item() = Item(id);
    ASSERT_OK(frontier_->AddItems(request).status());
  }
  absl::Status Complete(const std::string& session, const std::string& id) {
    SettleRequest request;
    request.set_session(session);
    request.set_source("wga");
    request.set_item_id(id);
    request.set_outcome(ITEM_OUTCOME_DONE);
    *request.mutable_delta() = Stored(1);
    return frontier_->Settle(request).status();
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000'000);
  const std::filesystem::path dir_ = testing::MakeTestDir("frontier");
  std::unique_ptr<LocalFrontier> frontier_;
};

TEST_F(ServedFrontierTest, ALeaseOutlivesAKillOfTheFrontier) {
  Add("a");
  const std::string holder = OpenSession();
  ASSERT_OK(Lease(holder).status());
  Reopen();
  EXPECT_EQ(Lease(OpenSession())->verdict(), LEASE_VERDICT_WAIT);
  EXPECT_EQ(Lease(holder)->item().id(), "a");
  EXPECT_OK(Complete(holder, "a"));
}

TEST_F(ServedFrontierTest, ASilentWorkersItemsAreGivenToOthers) {
  Add("a");
  const std::string silent = OpenSession();
  ASSERT_OK(Lease(silent).status());
  now_ += kSilence / 2;
  const std::string other = OpenSession();
  EXPECT_EQ(Lease(other)->verdict(), LEASE_VERDICT_WAIT);
  now_ += kSilence / 2 + absl::Seconds(1);
  EXPECT_EQ(Lease(other)->item().id(), "a");
  EXPECT_EQ(Lease(other)->tries(), 1);
  EXPECT_TRUE(absl::IsNotFound(Lease(silent).status()));
}

TEST_F(ServedFrontierTest, ASignOfLifeKeepsALease) {
  Add("a");
  const std::string holder = OpenSession();
  ASSERT_OK(Lease(holder).status());
  SessionRequest alive;
  alive.set_session(holder);
  for (int i = 0; i < 5; ++i) {
    now_ += kSilence / 2;
    ASSERT_OK(frontier_->KeepAlive(alive).status());
  }
  EXPECT_EQ(Lease(OpenSession())->verdict(), LEASE_VERDICT_WAIT);
}

TEST_F(ServedFrontierTest, WhoeverIsDoneFirstIsBelieved) {
  Add("a");
  const std::string slow = OpenSession();
  ASSERT_OK(Lease(slow).status());
  now_ += kSilence + absl::Seconds(1);
  const std::string other = OpenSession();
  ASSERT_OK(Lease(other).status());
  EXPECT_OK(Complete(slow, "a"));
  EXPECT_OK(Complete(other, "a"));
  EXPECT_EQ(Lease(other)->verdict(), LEASE_VERDICT_NOTHING);
  EXPECT_EQ(frontier_->GetStatus({})->source().at("wga").counts().stored(), 1);
}

TEST_F(ServedFrontierTest, WhatIsDoneAfterItsLeaseWasLostIsNotOnOffer) {
  Add("a");
  const std::string slow = OpenSession();
  ASSERT_OK(Lease(slow).status());
  now_ += kSilence + absl::Seconds(1);
  const std::string other = OpenSession();  // Queues the item again.
  EXPECT_OK(Complete(slow, "a"));
  EXPECT_EQ(Lease(other)->verdict(), LEASE_VERDICT_NOTHING);
}

TEST_F(ServedFrontierTest, ASessionThatWasEndedIsReplaced) {
  Add("a");
  const auto session = FrontierSession::Open(frontier_.get(), "w").value();
  now_ += kSilence + absl::Seconds(1);
  OpenSession();
  LeaseRequest request;
  request.set_source("wga");
  EXPECT_EQ(session->Lease(request)->item().id(), "a");
}

}  // namespace
}  // namespace verso
