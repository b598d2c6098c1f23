#include "shardstore/near_duplicates/work_links.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "shardstore/record_storage.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

WorkLink LinkOf(const std::string& record, const std::string& other,
                WorkRelation relation = WORK_RELATION_SAME_PICTURE) {
  WorkLink link;
  link.set_record_id(record);
  link.set_other_id(other);
  link.set_relation(relation);
  link.set_correlation(0.75);
  link.set_method_version(1);
  return link;
}

class WorkLinksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = MakeTestDir("links");
    storage_ = OpenStorage(dir_);
    for (int i = 0; i < 4; ++i) {
      const Record record = RecordOf("wga", i);
      AppendAll(*storage_, {record});
      ids_.push_back(IdOf(record));
    }
  }

  std::vector<WorkLink> Links() {
    const auto links = storage_->ReadLinks();
    EXPECT_OK(links);
    return links.value_or(std::vector<WorkLink>());
  }

  void Reopen(const RecordStorageOptions& options = {}) {
    storage_.reset();
    storage_ = OpenStorage(dir_, StoreAccess::kWrite, options);
  }

  fs::path dir_;
  std::unique_ptr<RecordStorage> storage_;
  std::vector<std::string> ids_;
};

TEST_F(WorkLinksTest, ALinkIsReadBackWholeAlsoFromARebuiltIndex) {
  const WorkLink link = LinkOf(ids_[0], ids_[1], WORK_RELATION_DETAIL_OF);
  ASSERT_OK(storage_->AddLinks({link}));
  Reopen({.rebuild_index = true});
  ASSERT_THAT(Links(), SizeIs(1));
  EXPECT_TRUE(MessageDifferencer::Equals(Links()[0], link));
}

TEST_F(WorkLinksTest, AReaderSeesLinksAndAddsNone) {
  ASSERT_OK(storage_->AddLinks({LinkOf(ids_[0], ids_[1])}));
  const auto reader = OpenStorage(dir_, StoreAccess::kRead);
  EXPECT_THAT(*reader->ReadLinks(), SizeIs(1));
  EXPECT_THAT(reader->AddLinks({LinkOf(ids_[0], ids_[2])}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(WorkLinksTest, TheLastLinkOfAPairHoldsWhicheverIsNamedFirst) {
  ASSERT_OK(storage_->AddLinks({LinkOf(ids_[0], ids_[1])}));
  ASSERT_OK(
      storage_->AddLinks({LinkOf(ids_[1], ids_[0], WORK_RELATION_DETAIL_OF)}));
  ASSERT_THAT(Links(), SizeIs(1));
  EXPECT_EQ(Links()[0].record_id(), ids_[1]);
  EXPECT_EQ(Links()[0].relation(), WORK_RELATION_DETAIL_OF);
}

TEST_F(WorkLinksTest, ALinkCanBeTakenBack) {
  ASSERT_OK(
      storage_->AddLinks({LinkOf(ids_[0], ids_[1]), LinkOf(ids_[2], ids_[3])}));
  ASSERT_OK(
      storage_->AddLinks({LinkOf(ids_[1], ids_[0], WORK_RELATION_DIFFERENT)}));
  ASSERT_THAT(Links(), SizeIs(1));
  EXPECT_EQ(PairOf(Links()[0]), PairOf(LinkOf(ids_[3], ids_[2])));
}

TEST_F(WorkLinksTest, ARecordThatIsNotStoredIsNamedAndNothingIsLinked) {
  const std::string missing(32, 'a');
  EXPECT_THAT(
      storage_->AddLinks({LinkOf(ids_[0], ids_[1]), LinkOf(ids_[2], missing)}),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(missing)));
  EXPECT_THAT(Links(), IsEmpty());
}

TEST_F(WorkLinksTest, MalformedLinksAreRefused) {
  const WorkLink good = LinkOf(ids_[0], ids_[1]);
  EXPECT_OK(CheckLink(good));
  std::vector<WorkLink> wrong(6, good);
  wrong[0].set_other_id(ids_[0]);
  wrong[1].set_record_id("../../etc");
  wrong[2].set_relation(WORK_RELATION_UNKNOWN);
  wrong[3].set_relation(static_cast<WorkRelation>(99));
  wrong[4].set_correlation(std::numeric_limits<double>::quiet_NaN());
  wrong[5].set_method_version(0);
  for (const WorkLink& link : wrong) {
    EXPECT_THAT(storage_->AddLinks({good, link}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << link.ShortDebugString();
  }
  EXPECT_THAT(Links(), IsEmpty());
}

}  // namespace
}  // namespace verso::testing
