#include "ingest/post_body.h"

#include <gtest/gtest.h>

#include "common/base/sha256.h"
#include "tests/ingest/fake_shard_store.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::verso::testing::IsOkAndHolds;
using ::verso::testing::StatusIs;

// Posts the bytes of parents, or not.
class PostingScraper : public Scraper {
 public:
  explicit PostingScraper(bool posts_parent) : posts_parent_(posts_parent) {}
  std::string source() const override { return "posting"; }
  std::vector<WorkItem> Seeds() const override { return {}; }
  bool PostsParent() const override { return posts_parent_; }
  absl::StatusOr<std::string> PostBody(const WorkItem& item,
                                       const Record& parent) const override {
    return item.id() + " of " + parent.image();
  }
  absl::Status Parse(const WorkItem&, HttpStream&, ScrapeSink&) const override {
    return absl::OkStatus();
  }

 private:
  const bool posts_parent_;
};

class PostBodyTest : public ::testing::Test {
 protected:
  PostBodyTest() {
    Record record;
    record.set_image("picture");
    record.mutable_provenance()->set_source("wga");
    record.mutable_provenance()->set_sha256(Sha256Hex(record.image()));
    EXPECT_OK(store_.Append({record}));
    item_.set_id("twin");
    item_.set_post_body("its own");
    item_.mutable_provenance()->set_parent(RecordIdOf(Sha256Hex("picture")));
  }

  FakeShardStore store_;
  WorkItem item_;
};

TEST_F(PostBodyTest, IsTheItemsOwnWhereNoParentIsPosted) {
  EXPECT_THAT(PostBodyOf(PostingScraper(false), item_, store_),
              IsOkAndHolds("its own"));
}

TEST_F(PostBodyTest, IsMadeOfTheStoredParent) {
  EXPECT_THAT(PostBodyOf(PostingScraper(true), item_, store_),
              IsOkAndHolds("twin of picture"));
}

TEST_F(PostBodyTest, AParentThatIsNotStoredAnyMoreIsARefusal) {
  store_.Clear();
  const auto body = PostBodyOf(PostingScraper(true), item_, store_);
  EXPECT_THAT(body, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(RefusalReason(body.status()), "no parent");
}

}  // namespace
}  // namespace verso
