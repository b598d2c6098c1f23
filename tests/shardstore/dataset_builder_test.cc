#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "common/base/sha256.h"
#include "shardstore/local_shard_store.h"
#include "shardstore/recipe.h"
#include "tests/shardstore/dataset_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::verso::testing::DrawnRecord;
using ::verso::testing::MakeDrawnStore;
using ::verso::testing::MakeTestDir;
using ::verso::testing::StatusIs;
using ::verso::testing::StoreAll;

constexpr int kPerSource = 24;

// One collection for the tests that do not change it.
class DatasetBuilderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new std::filesystem::path(MakeTestDir("builder"));
    store_ = MakeDrawnStore(*dir_ / "store", kPerSource).release();
  }
  static void TearDownTestSuite() { delete store_; }

  static std::filesystem::path SnapshotDir(const SnapshotInfo& info) {
    return *dir_ / "store" / "snapshots" / info.id();
  }

  static inline std::filesystem::path* dir_ = nullptr;
  static inline LocalShardStore* store_ = nullptr;
};

DatasetRecipe Shipped(const std::string& name) {
  return LoadRecipe(name).value();
}

int64_t SamplesOf(const SnapshotInfo& info) {
  return info.train_samples() + info.validation_samples() + info.test_samples();
}

// Makes a new store of `records` and freezes `recipe`.
absl::StatusOr<SnapshotInfo> Freeze(const std::vector<Record>& records,
                                    const DatasetRecipe& recipe) {
  auto store =
      LocalShardStore::Open(MakeTestDir("freeze"), StoreAccess::kWrite).value();
  StoreAll(*store, records);
  return store->CreateSnapshot(recipe);
}

std::vector<Record> WithoutSource(const std::string& source) {
  std::vector<Record> records = testing::DrawnCollection(4);
  std::erase_if(records, [&](const Record& record) {
    return record.provenance().source() == source;
  });
  return records;
}

TEST_F(DatasetBuilderTest, AllShippedRecipesBuildOnASmallCollection) {
  for (const std::string& name : ShippedRecipes()) {
    ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                         store_->CreateSnapshot(Shipped(name)));
    EXPECT_EQ(SamplesOf(info), 5 * kPerSource) << name;
    std::set<std::string> in_test;
    for (const SourceCount& count : info.count()) {
      if (count.split() == SPLIT_TEST) in_test.insert(count.source());
    }
    EXPECT_EQ(in_test.size(), 5u) << name;
    EXPECT_EQ(info.stand_in(), "simulated");
  }
}

TEST_F(DatasetBuilderTest, TheTableSaysWhatTheCountsSay) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store_->ReadSampleTable(info.id()));
  std::map<std::pair<std::string, Split>, int64_t> samples;
  std::map<std::pair<std::string, Split>, std::set<std::string>> works;
  for (const SampleRow& row : rows) {
    ++samples[{row.source, row.split}];
    works[{row.source, row.split}].insert(row.work);
  }
  ASSERT_EQ(static_cast<size_t>(info.count_size()), samples.size());
  for (const SourceCount& count : info.count()) {
    const auto key = std::make_pair(count.source(), count.split());
    EXPECT_EQ(count.samples(), samples[key]);
    EXPECT_EQ(count.works(), static_cast<int64_t>(works[key].size()));
    EXPECT_EQ(count.left_out(), 0);
  }
}

TEST_F(DatasetBuilderTest, RowsComeBySplitThenById) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store_->ReadSampleTable(info.id()));
  EXPECT_TRUE(std::is_sorted(
      rows.begin(), rows.end(), [](const SampleRow& a, const SampleRow& b) {
        return std::tie(a.split, a.sample_id) < std::tie(b.split, b.sample_id);
      }));
  EXPECT_EQ(std::count_if(
                rows.begin(), rows.end(),
                [](const SampleRow& row) { return row.split == SPLIT_TRAIN; }),
            info.train_samples());
}

TEST_F(DatasetBuilderTest, AChildIsInTheSplitOfItsParent) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d2_fair")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store_->ReadSampleTable(info.id()));
  std::map<std::string, Split> split_of;
  for (const SampleRow& row : rows) split_of[row.sample_id] = row.split;
  RecordQuery query;
  query.add_source("lofi");
  ASSERT_OK_AND_ASSIGN(const auto reader, store_->Query(query));
  for (int i = 0; i < kPerSource; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto record, reader->Next());
    const Provenance& p = record->provenance();
    EXPECT_EQ(split_of.at(RecordIdOf(p.sha256())), split_of.at(p.parent()));
  }
}

TEST_F(DatasetBuilderTest, HeldOutSourcesAreOnlyInTest) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d1_fair")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store_->ReadSampleTable(info.id()));
  for (const SampleRow& row : rows) {
    const bool trained = row.source == "wga" || row.source == "dalle";
    EXPECT_EQ(row.held_out, !trained);
    EXPECT_TRUE(trained || row.split == SPLIT_TEST);
  }
}

TEST_F(DatasetBuilderTest, TheSameRecipeGivesTheSnapshotThatIsThere) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo first,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo second,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  EXPECT_TRUE(MessageDifferencer::Equals(first, second));
}

TEST_F(DatasetBuilderTest, TheIdFollowsSeedFractionAndPreparation) {
  const DatasetRecipe recipe = Shipped("d4_fair");
  DatasetRecipe seed = recipe;
  seed.set_seed(99);
  DatasetRecipe quality = recipe;
  quality.mutable_preparation()->set_jpeg_quality(80);
  DatasetRecipe fewer = recipe;
  fewer.mutable_source(0)->set_count(10);
  std::set<std::string> ids;
  for (const DatasetRecipe& r : {recipe, seed, quality, fewer}) {
    ids.insert(store_->CreateSnapshot(r).value().id());
  }
  EXPECT_EQ(ids.size(), 4u);
}

TEST_F(DatasetBuilderTest, WordsDoNotChangeTheId) {
  DatasetRecipe recipe = Shipped("d4_fair");
  const std::string id = store_->CreateSnapshot(recipe).value().id();
  recipe.set_description("said otherwise");
  EXPECT_EQ(store_->CreateSnapshot(recipe).value().id(), id);
}

TEST_F(DatasetBuilderTest, AnotherStoreOfTheSameRecordsGivesTheSameBytes) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  std::vector<Record> records = testing::DrawnCollection(kPerSource);
  std::reverse(records.begin(), records.end());  // Stored in another order.
  ASSERT_OK_AND_ASSIGN(SnapshotInfo other, Freeze(records, Shipped("d4_fair")));
  other.set_created_at(info.created_at());
  EXPECT_TRUE(MessageDifferencer::Equals(info, other))
      << info.DebugString() << other.DebugString();
}

TEST_F(DatasetBuilderTest, TheShardsAreWhatTheInfoSays) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       store_->CreateSnapshot(Shipped("d4_fair")));
  int64_t samples = 0;
  for (const PreparedShard& shard : info.shard()) {
    ASSERT_OK_AND_ASSIGN(const std::string bytes,
                         ReadFile(SnapshotDir(info) / shard.name()));
    EXPECT_EQ(static_cast<int64_t>(bytes.size()), shard.size_bytes());
    EXPECT_EQ(Sha256Hex(bytes), shard.sha256());
    samples += shard.samples();
  }
  EXPECT_EQ(samples, SamplesOf(info));
}

TEST_F(DatasetBuilderTest, APictureTooSmallForTheCropIsLeftOutAndCounted) {
  std::vector<Record> records = testing::DrawnCollection(4);
  records.push_back(DrawnRecord("wga", 1000, 223, 400));
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       Freeze(records, Shipped("d4_fair")));
  EXPECT_EQ(SamplesOf(info), 20);
  int64_t left_out = 0;
  for (const SourceCount& count : info.count()) {
    if (count.source() == "wga") left_out += count.left_out();
  }
  EXPECT_EQ(left_out, 1);
}

TEST_F(DatasetBuilderTest, APictureThatCannotBeDecodedIsLeftOutAndCounted) {
  std::vector<Record> records = testing::DrawnCollection(4);
  Record broken = DrawnRecord("lexica", 1000);
  broken.mutable_image()->resize(broken.image().size() / 2);
  records.push_back(broken);
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       Freeze(records, Shipped("d4_fair")));
  EXPECT_EQ(SamplesOf(info), 20);
  int64_t left_out = 0;
  for (const SourceCount& count : info.count()) left_out += count.left_out();
  EXPECT_EQ(left_out, 1);
}

TEST_F(DatasetBuilderTest, ATrainedSourceWithoutRecordsIsNamed) {
  EXPECT_THAT(Freeze(WithoutSource("lexica"), Shipped("d4_fair")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("lexica"),
                             HasSubstr("//ingest -- run --sources=lexica"))));
}

TEST_F(DatasetBuilderTest, ATrainedSourceOfTooSmallPicturesIsNamed) {
  std::vector<Record> records = WithoutSource("lexica");
  records.push_back(DrawnRecord("lexica", 1, 100, 100));
  EXPECT_THAT(Freeze(records, Shipped("d4_fair")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("lexica"), HasSubstr("224"))));
}

TEST_F(DatasetBuilderTest, AHeldOutSourceWithoutRecordsIsAWarning) {
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo info,
                       Freeze(WithoutSource("dalle"), Shipped("d4_fair")));
  EXPECT_THAT(info.warning(), Contains(HasSubstr("dalle")));
  EXPECT_EQ(SamplesOf(info), 16);
}

TEST_F(DatasetBuilderTest, QuarantinedRecordsAreLeftOutAndCounted) {
  auto store =
      LocalShardStore::Open(MakeTestDir("doubt"), StoreAccess::kWrite).value();
  std::vector<Record> records = testing::DrawnCollection(12);
  std::set<std::string> quarantined;
  for (size_t i = 0; i < records.size(); i += 7) {
    records[i].mutable_provenance()->set_quarantine("doubt");
    quarantined.insert(RecordIdOf(Sha256Hex(records[i].image())));
  }
  ASSERT_OK(store->Append(records));
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo before,
                       store->CreateSnapshot(Shipped("d4_fair")));
  ASSERT_OK_AND_ASSIGN(const auto rows, store->ReadSampleTable(before.id()));
  for (const SampleRow& row : rows) {
    EXPECT_FALSE(quarantined.contains(row.sample_id)) << row.source;
  }
  EXPECT_THAT(before.warning(),
              Contains(AllOf(HasSubstr("2 quarantined records of wga"),
                             HasSubstr("--include_quarantined"))));
  // What is quarantined later is in no later snapshot; the frozen one stays.
  Judgement judgement;
  judgement.set_record_id(rows[0].sample_id);
  judgement.set_action(JUDGEMENT_ACTION_QUARANTINE);
  judgement.set_reason("later");
  ASSERT_OK(store->Judge({judgement}));
  ASSERT_OK_AND_ASSIGN(const SnapshotInfo after,
                       store->CreateSnapshot(Shipped("d4_fair")));
  EXPECT_NE(after.id(), before.id());
  EXPECT_EQ(SamplesOf(after), SamplesOf(before) - 1);
  EXPECT_EQ(store->ReadSampleTable(before.id()).value().size(), rows.size());
}

TEST_F(DatasetBuilderTest, ASourceThatIsAllQuarantinedSaysSo) {
  std::vector<Record> records = testing::DrawnCollection(4);
  for (Record& record : records) {
    if (record.provenance().source() == "lexica") {
      record.mutable_provenance()->set_quarantine("doubt");
    }
  }
  auto store =
      LocalShardStore::Open(MakeTestDir("all_doubt"), StoreAccess::kWrite)
          .value();
  ASSERT_OK(store->Append(records));
  EXPECT_THAT(store->CreateSnapshot(Shipped("d4_fair")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("lexica"), HasSubstr("quarantined"))));
}

TEST_F(DatasetBuilderTest, AWrongRecipeIsRefused) {
  DatasetRecipe recipe = Shipped("d4_fair");
  recipe.mutable_source(0)->set_count(-1);
  EXPECT_THAT(store_->CreateSnapshot(recipe),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("source[0].count")));
}

TEST_F(DatasetBuilderTest, NothingUnfinishedIsLeftBehind) {
  const auto dir = MakeTestDir("leftovers");
  auto store = LocalShardStore::Open(dir, StoreAccess::kWrite).value();
  StoreAll(*store, testing::DrawnCollection(4));
  ASSERT_OK(MakeDirs(dir / "snapshots" / ".half" / "deep"));
  ASSERT_OK(store->CreateSnapshot(Shipped("d4_fair")));
  int folders = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(dir / "snapshots")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with('.'));
    ++folders;
  }
  EXPECT_EQ(folders, 1);
}

TEST_F(DatasetBuilderTest, OnlyTheWriterMakesSnapshots) {
  auto reader =
      LocalShardStore::Open(*dir_ / "store", StoreAccess::kRead).value();
  EXPECT_THAT(reader->CreateSnapshot(Shipped("d4_fair")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Which split each sample is in.
std::map<std::string, Split> SplitsOf(ShardStore& store,
                                      const SnapshotInfo& info) {
  std::map<std::string, Split> splits;
  const std::vector<SampleRow> rows = store.ReadSampleTable(info.id()).value();
  for (const SampleRow& row : rows) {
    splits[row.sample_id] = row.split;
  }
  return splits;
}

TEST_F(DatasetBuilderTest, LinksHoldTogetherWhatIsFrozenAfterThem) {
  auto store = MakeDrawnStore(MakeTestDir("linked"), kPerSource);
  const SnapshotInfo before = store->CreateSnapshot(Shipped("d4_fair")).value();
  const auto splits_before = SplitsOf(*store, before);
  std::map<Split, std::string> one_of;  // Each split.
  for (const auto& [id, split] : splits_before) one_of[split] = id;
  WorkLink link;
  link.set_record_id(one_of.at(SPLIT_TRAIN));
  link.set_other_id(one_of.at(SPLIT_VALIDATION));
  link.set_relation(WORK_RELATION_SAME_PICTURE);
  link.set_correlation(0.9);
  link.set_method_version(1);
  ASSERT_OK(store->AddLinks({link}));

  const SnapshotInfo after = store->CreateSnapshot(Shipped("d4_fair")).value();
  EXPECT_NE(after.id(), before.id());
  const auto splits_after = SplitsOf(*store, after);
  EXPECT_EQ(splits_after.at(link.record_id()),
            splits_after.at(link.other_id()));
  EXPECT_EQ(SplitsOf(*store, before), splits_before);
}

TEST_F(DatasetBuilderTest, ALookThatTooManyShareIsAWarning) {
  std::vector<Record> records = testing::DrawnCollection(16);
  for (Record& record : records) {
    record.mutable_provenance()->set_perceptual_hash("0123456789abcdef");
  }
  const auto info = Freeze(records, Shipped("d4_fair"));
  ASSERT_OK(info);
  EXPECT_THAT(info->warning(), Contains(HasSubstr("//shardstore -- link")));
}

}  // namespace
}  // namespace verso
