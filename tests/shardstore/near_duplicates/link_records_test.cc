#include "shardstore/near_duplicates/link_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/perceptual_hash.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/record_storage.h"
#include "shardstore/shard_server.h"
#include "tests/common/image/test_pictures.h"
#include "tests/gallery/drawing/random.h"
#include "tests/shardstore/near_duplicates/alterations.h"
#include "tests/shardstore/near_duplicates/drawn_works.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Record RecordOf(const std::string& bytes, const Image& image,
                const std::string& work_key = "") {
  Record record;
  record.set_image(bytes);
  Provenance& p = *record.mutable_provenance();
  p.set_source("wga");
  p.set_label(LABEL_HUMAN);
  p.set_source_item_id(Sha256Hex(bytes).substr(0, 8));
  p.set_perceptual_hash(PerceptualHash(image));
  p.mutable_work()->set_work_key(work_key);
  return record;
}

Record RecordOf(const Image& image, const std::string& work_key = "") {
  return RecordOf(EncodeJpeg(image, 92).value(), image, work_key);
}

std::string IdOf(const Record& record) {
  return RecordIdOf(Sha256Hex(record.image()));
}

// A store with a picture, the same saved anew, a detail that only its title
// gives away, a look-alike of this title, and another picture.
class LinkRecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = MakeTestDir("link");
    const DrawnWork work = DrawWork(21);
    Random random(5);
    picture_ = RecordOf(work.picture, "monet|haystacks");
    saved_ = RecordOf(EncodePng(SavedAsJpeg(work.picture, 50)).value(),
                      work.picture);
    detail_ = RecordOf(CroppedTo(work.picture, 0.6, random), "monet|haystacks");
    version_ = RecordOf(work.version, "monet|haystacks");
    version_.mutable_provenance()->clear_perceptual_hash();
    other_ = RecordOf(DrawWork(22).picture);
    Reopen();
    Store({picture_, saved_, detail_, version_, other_});
  }

  void Reopen() {
    store_.reset();
    auto store = LocalShardStore::Open(dir_, StoreAccess::kWrite);
    ASSERT_OK(store);
    store_ = *std::move(store);
  }

  void Store(const std::vector<Record>& records) {
    ASSERT_OK(store_->Append(records));
  }

  LinkReport LinkAll(ShardStore& store) {
    const auto report =
        LinkRecords(store, {.judged_file = JudgedFileOf(dir_.string())});
    EXPECT_OK(report);
    return report.value_or(LinkReport());
  }
  LinkReport LinkAll() { return LinkAll(*store_); }

  // "a b" for a pair of one picture, "a < b" for a detail a of b.
  std::set<std::string> Links() {
    std::set<std::string> texts;
    const auto links = store_->ReadLinks();
    EXPECT_OK(links);
    for (const WorkLink& link : *links) {
      const bool is_detail = link.relation() == WORK_RELATION_DETAIL_OF;
      texts.insert(absl::StrCat(
          is_detail ? link.record_id()
                    : std::min(link.record_id(), link.other_id()),
          is_detail ? " < " : " ",
          is_detail ? link.other_id()
                    : std::max(link.record_id(), link.other_id())));
      EXPECT_GT(link.correlation(), 0.6);
    }
    return texts;
  }
  std::set<std::string> ExpectedLinks() const {
    return {absl::StrCat(std::min(IdOf(picture_), IdOf(saved_)), " ",
                         std::max(IdOf(picture_), IdOf(saved_))),
            absl::StrCat(IdOf(detail_), " < ", IdOf(picture_))};
  }

  fs::path dir_;
  Record picture_, saved_, detail_, version_, other_;
  std::unique_ptr<LocalShardStore> store_;
};

TEST_F(LinkRecordsTest, LinksWhatPixelsConfirmAndNothingElse) {
  const LinkReport report = LinkAll();
  EXPECT_EQ(report.records, 5);
  // The title makes three pairs, and the hash that of the same picture.
  EXPECT_GE(report.candidates, 4);
  EXPECT_EQ(report.compared, report.candidates);
  EXPECT_EQ(report.same_pictures, 1);
  EXPECT_EQ(report.details, 1);
  EXPECT_EQ(Links(), ExpectedLinks());
}

TEST_F(LinkRecordsTest, APairIsJudgedOnceWhateverCameOfIt) {
  const LinkReport first = LinkAll();
  Reopen();
  const LinkReport second = LinkAll();
  EXPECT_EQ(second.candidates, first.candidates);
  EXPECT_EQ(second.judged_before, first.compared);
  EXPECT_EQ(second.compared, 0);
}

TEST_F(LinkRecordsTest, OnlyPairsWithANewRecordAreComparedLater) {
  LinkAll();
  Record again = picture_;
  again.set_image(EncodeWebp(DrawWork(21).picture, 70).value());
  again.mutable_provenance()->mutable_work()->clear_work_key();
  Store({again});
  const LinkReport report = LinkAll();
  EXPECT_EQ(report.same_pictures, report.compared);
  EXPECT_EQ(report.compared, 2);
  EXPECT_THAT(Links(), SizeIs(4));
}

TEST_F(LinkRecordsTest, WithoutItsMemoryItFindsTheSameAndWritesNoLinkTwice) {
  LinkAll();
  const int64_t entries =
      RecordStorage::Open(dir_, StoreAccess::kRead).value()->Ledger().entries;
  fs::remove(JudgedFileOf(dir_.string()));
  const LinkReport report = LinkAll();
  EXPECT_EQ(report.judged_before, 2);  // The links are known.
  EXPECT_GT(report.compared, 0);
  EXPECT_EQ(report.same_pictures + report.details, 0);
  EXPECT_EQ(
      RecordStorage::Open(dir_, StoreAccess::kRead).value()->Ledger().entries,
      entries);
  EXPECT_EQ(Links(), ExpectedLinks());
}

TEST_F(LinkRecordsTest, LinksOutliveTheIndex) {
  LinkAll();
  store_.reset();
  fs::remove_all(dir_ / "index");
  Reopen();
  EXPECT_EQ(Links(), ExpectedLinks());
}

TEST_F(LinkRecordsTest, ALinkOfAnOlderMethodIsTakenBackWhenPixelsSayNo) {
  WorkLink wrong;
  wrong.set_record_id(IdOf(version_));
  wrong.set_other_id(IdOf(picture_));
  wrong.set_relation(WORK_RELATION_SAME_PICTURE);
  wrong.set_correlation(0.7);
  wrong.set_method_version(77);
  ASSERT_OK(store_->AddLinks({wrong}));
  LinkAll();
  EXPECT_EQ(Links(), ExpectedLinks());
}

TEST_F(LinkRecordsTest, AServerIsLinkedLikeADirectory) {
  const auto server = ShardServer::Start(store_.get(), "127.0.0.1:0");
  ASSERT_OK(server);
  const auto client = OpenShardStore((*server)->address(), StoreAccess::kWrite);
  ASSERT_OK(client);
  const LinkReport report = LinkAll(**client);
  EXPECT_EQ(report.same_pictures, 1);
  EXPECT_EQ(report.details, 1);
  EXPECT_EQ(Links(), ExpectedLinks());
  ASSERT_OK_AND_ASSIGN(const std::vector<WorkLink> far, (*client)->ReadLinks());
  EXPECT_THAT(far, SizeIs(2));
  EXPECT_EQ(LinkAll(**client).compared, 0);
}

TEST_F(LinkRecordsTest, WhatCannotBeDecodedIsSaidAndLeftAlone) {
  Record broken = picture_;
  broken.set_image("no picture");
  broken.mutable_provenance()->mutable_work()->set_work_key("nobody|nothing");
  Store({broken});
  const LinkReport report = LinkAll();
  EXPECT_EQ(report.no_picture, 2);  // With the picture and its copy.
  EXPECT_THAT(ListLinkReport(report),
              HasSubstr("2 pairs have a picture that cannot be decoded"));
  EXPECT_EQ(Links(), ExpectedLinks());
  EXPECT_EQ(LinkAll().compared, 0);
}

TEST_F(LinkRecordsTest, AFloodOfFlatPicturesIsBoundedAndLinksNothing) {
  std::vector<Record> flat;
  for (int i = 0; i < 60; ++i) {
    const Image image = Flat(20 + i, 20, 80, 80, 80);
    flat.push_back(RecordOf(EncodePng(image).value(), image));
  }
  Store(flat);
  const LinkReport report = LinkAll();
  EXPECT_GT(report.pairs_left_out, 0);
  EXPECT_THAT(ListLinkReport(report), HasSubstr("pairs were left out"));
  EXPECT_LT(report.compared, 60 * 17);
  EXPECT_EQ(Links(), ExpectedLinks());
}

TEST_F(LinkRecordsTest, AnEmptyStoreHasNothingToLink) {
  const fs::path dir = MakeTestDir("empty");
  const auto store = LocalShardStore::Open(dir, StoreAccess::kWrite);
  ASSERT_OK(store);
  const auto report =
      LinkRecords(**store, {.judged_file = dir / "judged_pairs"});
  ASSERT_OK(report);
  EXPECT_EQ(report->records, 0);
}

TEST(CountCrossedLinksTest, CountsLinksBetweenSplitsOfOneSnapshot) {
  const auto sample = [](const char* id, Split split) {
    SampleRow row;
    row.sample_id = id;
    row.split = split;
    return row;
  };
  const auto link = [](const char* a, const char* b) {
    WorkLink result;
    result.set_record_id(a);
    result.set_other_id(b);
    return result;
  };
  const std::vector<SampleRow> samples = {sample("a", SPLIT_TRAIN),
                                          sample("b", SPLIT_TRAIN),
                                          sample("c", SPLIT_TEST)};
  EXPECT_EQ(CountCrossedLinks(samples, {link("a", "b")}), 0);
  EXPECT_EQ(CountCrossedLinks(samples, {link("a", "c"), link("c", "b")}), 2);
  EXPECT_EQ(CountCrossedLinks(samples, {link("a", "elsewhere")}), 0);
}

TEST(JudgedFileTest, LiesInTheStoreOrUnderVersoHome) {
  EXPECT_EQ(JudgedFileOf("/data/art"), "/data/art/judged_pairs");
  EXPECT_NE(JudgedFileOf("127.0.0.1:7701"), JudgedFileOf("127.0.0.1:7702"));
}

}  // namespace
}  // namespace verso::testing
