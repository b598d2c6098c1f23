#include "trainer/store_features.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/sha256.h"
#include "common/base/stop_signal.h"
#include "common/safetensors/feature_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "shardstore/shard_store.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/test_network.h"
#include "tests/trainer/tiny_store.h"
#include "trainer/checkpoint.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::RunProcess;
using testing::StatusIs;

constexpr int kPerSource = 4;
constexpr char kTrainer[] = "trainer/trainer";

// Two features: the picture's bytes and a number of its own. Text that begins
// with "bad" is no picture.
class ByteFeatures : public FeatureExtractor {
 public:
  explicit ByteFeatures(std::string identity = "bytes", float second = 0)
      : identity_(std::move(identity)), second_(second) {}
  const std::string& identity() const override { return identity_; }

  absl::Status Extract(ImageSource& source, FeatureSink& sink) override {
    while (true) {
      auto input = source.Next();
      if (!input.ok()) return input.status();
      if (!input->has_value()) return absl::OkStatus();
      const std::string& image = (*input)->image;
      const std::vector<float> row = {static_cast<float>(image.size()),
                                      second_};
      PictureFeatures features{.index = (*input)->index, .values = row};
      if (image.substr(0, 3) == "bad") {
        features = {.index = (*input)->index,
                    .status = absl::DataLossError("no picture")};
      }
      const absl::Status added = sink.Add(features);
      if (!added.ok()) return added;
      if (++seen == stop_after) RequestStop();
    }
  }

  int seen = 0;
  int stop_after = -1;

 private:
  const std::string identity_;
  const float second_;
};

class StoreFeaturesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = testing::MakeTestDir("store_features");
    ASSERT_OK(testing::MakeTinyStore(dir_ / "store", kPerSource));
    OpenStore();
    const auto reader = store_->Query(BytesToo()).value();
    for (auto record = reader->Next().value(); record.has_value();
         record = reader->Next().value()) {
      records_.push_back(*record);
    }
    ASSERT_EQ(records_.size(), 3u * kPerSource);
  }

  void OpenStore() {
    store_.reset();
    store_ =
        OpenShardStore((dir_ / "store").string(), StoreAccess::kWrite).value();
  }

  static RecordQuery BytesToo() {
    RecordQuery query;
    query.set_include_bytes(true);
    return query;
  }

  static std::string IdOf(const Record& record) {
    return RecordIdOf(record.provenance().sha256());
  }

  fs::path Out() const { return dir_ / "f.safetensors"; }

  fs::path dir_;
  std::unique_ptr<ShardStore> store_;
  std::vector<Record> records_;  // In the order stored.
};

TEST_F(StoreFeaturesTest, WritesEveryRecordInTheOrderStored) {
  ByteFeatures extractor;
  ASSERT_OK_AND_ASSIGN(const FeatureCounts counts,
                       WriteStoreFeatures(*store_, {}, extractor, Out()));
  EXPECT_EQ(counts.computed, 3 * kPerSource);
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(Out()));
  ASSERT_EQ(table.rows(), 3 * kPerSource);
  for (int i = 0; i < table.rows(); ++i) {
    EXPECT_EQ(table.record_ids[i], IdOf(records_[i]));
    EXPECT_EQ(table.row(i)[0], records_[i].image().size());
  }
  EXPECT_EQ(table.metadata.at("network"), "bytes");
}

TEST_F(StoreFeaturesTest, WritesOnlyWhatIsSelected) {
  RecordQuery query;
  query.add_source("lexica");
  query.add_label(LABEL_GENERATED);
  ByteFeatures extractor;
  ASSERT_OK(WriteStoreFeatures(*store_, query, extractor, Out()));
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(Out()));
  EXPECT_EQ(table.rows(), kPerSource);
  query.clear_label();
  query.add_label(LABEL_MIXED);
  EXPECT_THAT(WriteStoreFeatures(*store_, query, extractor, Out()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--label")));
}

TEST_F(StoreFeaturesTest, KeepsTheRowsThatTheFileHas) {
  RecordQuery lexica;
  lexica.add_source("lexica");
  ByteFeatures first("bytes", 1), second("bytes", 2);
  ASSERT_OK(WriteStoreFeatures(*store_, lexica, first, Out()));
  ASSERT_OK_AND_ASSIGN(const FeatureCounts counts,
                       WriteStoreFeatures(*store_, {}, second, Out()));
  EXPECT_EQ(counts.kept, kPerSource);
  EXPECT_EQ(counts.computed, 2 * kPerSource);
  EXPECT_EQ(second.seen, 2 * kPerSource);
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(Out()));
  for (int i = 0; i < table.rows(); ++i) {
    EXPECT_EQ(table.row(i)[1], i < kPerSource ? 1 : 2) << i;
  }
}

TEST_F(StoreFeaturesTest, DropsTheRowsOfWhatIsNoLongerServed) {
  ByteFeatures extractor;
  ASSERT_OK(WriteStoreFeatures(*store_, {}, extractor, Out()));
  Judgement judgement;
  judgement.set_record_id(IdOf(records_[3]));
  judgement.set_action(JUDGEMENT_ACTION_QUARANTINE);
  judgement.set_reason("a print");
  ASSERT_OK(store_->Judge({judgement}));
  ASSERT_OK_AND_ASSIGN(const FeatureCounts counts,
                       WriteStoreFeatures(*store_, {}, extractor, Out()));
  EXPECT_EQ(counts.kept, 3 * kPerSource - 1);
  EXPECT_EQ(counts.computed, 0);
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(Out()));
  EXPECT_EQ(std::count(table.record_ids.begin(), table.record_ids.end(),
                       IdOf(records_[3])),
            0);
}

TEST_F(StoreFeaturesTest, NeverMixesTwoNetworksNorWritesOverOtherFiles) {
  ByteFeatures extractor, other("other");
  ASSERT_OK(WriteStoreFeatures(*store_, {}, extractor, Out()));
  EXPECT_THAT(WriteStoreFeatures(*store_, {}, other, Out()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another network (bytes)")));
  EXPECT_EQ(ReadFeatureFile(Out())->rows(), 3 * kPerSource);
  const fs::path text = dir_ / "notes.txt";
  ASSERT_OK(WriteFileAtomically(text, "my notes"));
  EXPECT_THAT(WriteStoreFeatures(*store_, {}, extractor, text),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReadFile(text).value(), "my notes");
}

TEST_F(StoreFeaturesTest, LeavesOutWhatIsNoPicture) {
  Record broken;
  broken.mutable_provenance()->set_source("mine");
  broken.set_image("bad bytes");
  ASSERT_OK(store_->Append({broken}));
  ByteFeatures extractor;
  ASSERT_OK_AND_ASSIGN(const FeatureCounts counts,
                       WriteStoreFeatures(*store_, {}, extractor, Out()));
  EXPECT_EQ(counts.unreadable, 1);
  EXPECT_EQ(counts.computed, 3 * kPerSource);
  EXPECT_EQ(ReadFeatureFile(Out())->rows(), 3 * kPerSource);
}

using StoreFeaturesDeathTest = StoreFeaturesTest;

TEST_F(StoreFeaturesDeathTest, AStopKeepsWhatWasDoneAndTheNextRunGoesOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const fs::path out = fs::path(std::getenv("TEST_TMPDIR")) / "stopped";
  const auto stopped_run = [&] {
    ByteFeatures extractor;
    extractor.stop_after = 5;
    const auto counts = WriteStoreFeatures(*store_, {}, extractor, out);
    std::_Exit(absl::IsCancelled(counts.status()) ? 75 : 1);
  };
  EXPECT_EXIT(stopped_run(), ::testing::ExitedWithCode(75), "");
  EXPECT_EQ(ReadFeatureFile(out)->rows(), 5);
  ByteFeatures extractor;
  ASSERT_OK_AND_ASSIGN(const FeatureCounts counts,
                       WriteStoreFeatures(*store_, {}, extractor, out));
  EXPECT_EQ(counts.kept, 5);
  EXPECT_EQ(counts.computed, 3 * kPerSource - 5);
}

TEST_F(StoreFeaturesTest, TheProgramWritesTheFeaturesOfACheckpoint) {
  CheckpointManifest manifest;
  manifest.kind = CheckpointKind::kScored;
  manifest.model = "efficientnet_lite0";
  manifest.transforms.image_size = 64;
  ASSERT_OK_AND_ASSIGN(
      const fs::path checkpoint,
      CommitCheckpoint(dir_ / "run", manifest,
                       StateOf(*testing::MakeSettledNetwork()), {}));
  store_.reset();
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      RunProcess({kTrainer, "features", "--store=" + (dir_ / "store").string(),
                  "--checkpoint=" + checkpoint.string(), "--device=cpu",
                  "--source=wga,lexica", "--out=" + Out().string()}));
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("features of 8 records"));
  ASSERT_OK_AND_ASSIGN(const FeatureTable table, ReadFeatureFile(Out()));
  EXPECT_EQ(table.dimensions, 1280);
  std::vector<std::string> ids;
  for (const Record& record : records_) {
    if (record.provenance().source() != "artbench") ids.push_back(IdOf(record));
  }
  EXPECT_EQ(table.record_ids, ids);
}

TEST_F(StoreFeaturesTest, TheProgramRefusesWrongUse) {
  const std::string store = "--store=" + (dir_ / "store").string();
  const struct {
    std::vector<std::string> flags;
    int exit_code;
    std::string message;
  } cases[] = {
      {{"--checkpoint=a", "--weights=b"}, 2, "give one"},
      {{"--label=robot"}, 2, "robot"},
      {{"--image_size=3"}, 2, "image size 3"},
      {{"--checkpoint=/nonexistent"}, 1, "/nonexistent"},
  };
  for (const auto& wrong : cases) {
    std::vector<std::string> argv = {kTrainer, "features", store,
                                     "--device=cpu"};
    argv.insert(argv.end(), wrong.flags.begin(), wrong.flags.end());
    ASSERT_OK_AND_ASSIGN(const auto result, RunProcess(argv));
    EXPECT_EQ(result.exit_code, wrong.exit_code) << result.output;
    EXPECT_THAT(result.output, HasSubstr(wrong.message));
  }
}

}  // namespace
}  // namespace verso
