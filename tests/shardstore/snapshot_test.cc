#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/file.h"
#include "shardstore/local_sample_stream.h"
#include "shardstore/sample_order.h"
#include "shardstore/snapshot_catalog.h"
#include "shardstore/snapshot_format.h"
#include "shardstore/snapshot_reader.h"
#include "shardstore/snapshot_writer.h"
#include "tests/shardstore/dataset_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::FlipByte;
using ::verso::testing::MakeTestDir;
using ::verso::testing::ReadAllBatches;
using ::verso::testing::StatusIs;
using ::verso::testing::TextOf;

constexpr int kTrain = 50;
constexpr int kValidation = 13;
constexpr int kTest = 7;
constexpr int kAll = kTrain + kValidation + kTest;

Split SplitOfRow(int row) {
  if (row < kTrain) return SPLIT_TRAIN;
  return row < kTrain + kValidation ? SPLIT_VALIDATION : SPLIT_TEST;
}

std::string IdOfRow(int row) { return absl::StrFormat("%032x", row); }

// Any bytes: what is in a sample is nothing to a snapshot.
std::string ImageOfRow(int row) {
  return absl::StrCat("image of row ", row, std::string(row * 37 % 1500, 'x'));
}

SnapshotInfo InfoOf(const std::string& id, const std::string& name,
                    const std::string& created_at) {
  SnapshotInfo info;
  info.set_id(id);
  info.set_created_at(created_at);
  info.mutable_recipe()->set_name(name);
  for (const char* source : {"wga", "lexica"}) {
    SourceSelection& selection = *info.mutable_recipe()->add_source();
    selection.set_source(source);
    selection.set_label(source[0] == 'w' ? LABEL_HUMAN : LABEL_GENERATED);
  }
  info.set_train_samples(kTrain);
  info.set_validation_samples(kValidation);
  info.set_test_samples(kTest);
  return info;
}

// Several small shards.
fs::path WriteSnapshot(const fs::path& snapshots,
                       const std::string& id = "ab12",
                       const std::string& name = "d0",
                       const std::string& created_at = "2026-01-01T00:00:00Z") {
  auto writer = SnapshotWriter::Create(snapshots, id, 16 << 10).value();
  for (int i = 0; i < kAll; ++i) {
    SampleRow row;
    row.sample_id = IdOfRow(i);
    row.split = SplitOfRow(i);
    EXPECT_OK(writer->Add(row, i % 2, "{}", ImageOfRow(i)));
  }
  EXPECT_OK(writer->Commit(InfoOf(id, name, created_at)));
  return snapshots / id;
}

std::shared_ptr<const SnapshotReader> OpenSnapshot(const fs::path& dir) {
  return SnapshotReader::Open(dir).value();
}

SampleStreamOptions OptionsOf(Split split, int rank = 0, int world_size = 1) {
  SampleStreamOptions options;
  options.split = split;
  options.shuffle = split == SPLIT_TRAIN;
  options.seed = 11;
  options.epochs = 2;
  options.global_batch = 12;
  options.rank = rank;
  options.world_size = world_size;
  return options;
}

std::vector<SampleBatch> Stream(const fs::path& dir,
                                const SampleStreamOptions& options) {
  auto stream = LocalSampleStream::Create(OpenSnapshot(dir), options).value();
  return ReadAllBatches(*stream);
}

TEST(SnapshotFormatTest, IndexEntriesComeBack) {
  const IndexEntry entry = {7, 3, 1ull << 40, int64_t{1} << 41, 4'000'000'000u};
  std::string bytes;
  AppendIndexEntry(entry, bytes);
  ASSERT_EQ(bytes.size(), static_cast<size_t>(kIndexEntryBytes));
  ASSERT_OK_AND_ASSIGN(const IndexEntry back, ParseIndexEntry(bytes));
  EXPECT_EQ(back.shard, entry.shard);
  EXPECT_EQ(back.source, entry.source);
  EXPECT_EQ(back.seq, entry.seq);
  EXPECT_EQ(back.offset, entry.offset);
  EXPECT_EQ(back.size_bytes, entry.size_bytes);
}

TEST(SnapshotFormatTest, EveryFlippedBitOfAnEntryIsNoticed) {
  std::string bytes;
  AppendIndexEntry({7, 3, 9, 1024, 2048}, bytes);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] ^= 1 << (bit % 8);
    EXPECT_FALSE(ParseIndexEntry(changed).ok()) << bit;
  }
}

TEST(SnapshotReaderTest, EveryRowIsReadFromSeveralShards) {
  const auto snapshot = OpenSnapshot(WriteSnapshot(MakeTestDir("rows")));
  EXPECT_GT(snapshot->info().shard_size(), 3);
  for (int i = 0; i < kAll; ++i) {
    ASSERT_OK_AND_ASSIGN(const Sample sample, snapshot->Read(i));
    EXPECT_EQ(sample.index, static_cast<uint64_t>(i));
    EXPECT_EQ(sample.sample_id, IdOfRow(i));
    EXPECT_EQ(sample.source, i % 2 == 0 ? "wga" : "lexica");
    EXPECT_EQ(sample.label, i % 2 == 0 ? LABEL_HUMAN : LABEL_GENERATED);
    EXPECT_EQ(sample.image, ImageOfRow(i));
  }
}

TEST(SnapshotReaderTest, SplitsAreConsecutiveRows) {
  const auto snapshot = OpenSnapshot(WriteSnapshot(MakeTestDir("splits")));
  EXPECT_EQ(snapshot->RowsOf(SPLIT_TRAIN).begin, 0u);
  EXPECT_EQ(snapshot->RowsOf(SPLIT_TRAIN).size(), uint64_t{kTrain});
  EXPECT_EQ(snapshot->RowsOf(SPLIT_VALIDATION).begin, uint64_t{kTrain});
  EXPECT_EQ(snapshot->RowsOf(SPLIT_VALIDATION).size(), uint64_t{kValidation});
  EXPECT_EQ(snapshot->RowsOf(SPLIT_TEST).end, uint64_t{kAll});
}

TEST(SnapshotReaderTest, AChangedByteOfAShardIsNamed) {
  const fs::path dir = WriteSnapshot(MakeTestDir("corrupt"));
  FlipByte(dir / "shard-000001.tar", 3000);
  const auto snapshot = OpenSnapshot(dir);
  int lost = 0;
  for (int i = 0; i < kAll; ++i) {
    const auto sample = snapshot->Read(i);
    if (sample.ok()) continue;
    ++lost;
    EXPECT_THAT(sample, StatusIs(absl::StatusCode::kDataLoss,
                                 AllOf(HasSubstr("shard-000001.tar"),
                                       HasSubstr(absl::StrCat("row ", i)))));
  }
  EXPECT_EQ(lost, 1);
}

TEST(SnapshotReaderTest, AChangedByteOfTheIndexIsNamed) {
  const fs::path dir = WriteSnapshot(MakeTestDir("index"));
  FlipByte(dir / kIndexFile, 5 * kIndexEntryBytes + 3);
  EXPECT_THAT(OpenSnapshot(dir)->Read(5),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("index.bin"), HasSubstr("row 5"))));
}

TEST(SnapshotReaderTest, AFileThatIsGoneOrCutIsNamedWhenOpened) {
  for (const std::string file :
       {"index.bin", "shard-000000.tar", "shard-000002.tar"}) {
    const fs::path dir = WriteSnapshot(MakeTestDir("gone"));
    fs::resize_file(dir / file, fs::file_size(dir / file) - 1);
    EXPECT_THAT(SnapshotReader::Open(dir),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(file)));
    fs::remove(dir / file);
    EXPECT_THAT(SnapshotReader::Open(dir),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(file)));
  }
}

TEST(SnapshotReaderTest, DamagedInfoIsNamed) {
  const fs::path dir = WriteSnapshot(MakeTestDir("info"));
  ASSERT_OK(WriteFileAtomically(dir / kSnapshotInfoFile, "id: \"x"));
  EXPECT_THAT(
      SnapshotReader::Open(dir),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("snapshot.textproto")));
}

TEST(SnapshotWriterTest, WithoutCommitNothingIsLeft) {
  const fs::path snapshots = MakeTestDir("uncommitted");
  {
    auto writer = SnapshotWriter::Create(snapshots, "ab12").value();
    SampleRow row;
    row.sample_id = IdOfRow(0);
    ASSERT_OK(writer->Add(row, 0, "{}", "x"));
  }
  EXPECT_TRUE(fs::is_empty(snapshots));
}

TEST(SnapshotWriterTest, DoesNotReplaceASnapshot) {
  const fs::path snapshots = MakeTestDir("twice");
  WriteSnapshot(snapshots);
  auto writer = SnapshotWriter::Create(snapshots, "ab12").value();
  EXPECT_THAT(writer->Commit(InfoOf("ab12", "d0", "2026")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_OK(OpenSnapshot(snapshots / "ab12")->Read(0));
}

TEST(SnapshotCatalogTest, ListsOldestFirst) {
  const fs::path snapshots = MakeTestDir("list");
  WriteSnapshot(snapshots, "bb", "d1", "2026-01-02T00:00:00Z");
  WriteSnapshot(snapshots, "aa", "d1", "2026-01-03T00:00:00Z");
  WriteSnapshot(snapshots, "cc", "d2", "2026-01-01T00:00:00Z");
  fs::create_directory(snapshots / ".unfinished");
  ASSERT_OK_AND_ASSIGN(const auto infos, ListSnapshotsIn(snapshots));
  ASSERT_EQ(infos.size(), 3u);
  EXPECT_EQ(infos[0].id(), "cc");
  EXPECT_EQ(infos[2].id(), "aa");
}

TEST(SnapshotCatalogTest, FindsByIdPrefixAndNewestOfAName) {
  const fs::path snapshots = MakeTestDir("find");
  WriteSnapshot(snapshots, "a1b2", "d1", "2026-01-02T00:00:00Z");
  WriteSnapshot(snapshots, "a1c3", "d1", "2026-01-01T00:00:00Z");
  EXPECT_EQ(FindSnapshot(snapshots, "a1c3")->id(), "a1c3");
  EXPECT_EQ(FindSnapshot(snapshots, "a1c")->id(), "a1c3");
  EXPECT_EQ(FindSnapshot(snapshots, "d1")->id(), "a1b2");
  EXPECT_THAT(FindSnapshot(snapshots, "a1"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FindSnapshot(snapshots, "d7"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("d7"), HasSubstr("a1b2 (d1)"))));
}

TEST(SnapshotCatalogTest, ADamagedSnapshotIsNamedAndDoesNotHideAnother) {
  const fs::path snapshots = MakeTestDir("damaged");
  WriteSnapshot(snapshots, "a1", "d1");
  WriteSnapshot(snapshots, "b2", "d1");
  ASSERT_OK(WriteFileAtomically(snapshots / "a1" / kSnapshotInfoFile, "{"));
  EXPECT_EQ(FindSnapshot(snapshots, "b2")->id(), "b2");
  EXPECT_THAT(FindSnapshot(snapshots, "a1"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("a1")));
}

TEST(SnapshotCatalogTest, NoFolderMeansNoSnapshotsAndSaysHowToMakeOne) {
  EXPECT_TRUE(ListSnapshotsIn("/nowhere/at/all")->empty());
  EXPECT_THAT(FindSnapshot("/nowhere/at/all", "d4_fair"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("//shardstore -- snapshot")));
}

TEST(LocalSampleStreamTest, TheRanksTogetherReadTheGlobalOrder) {
  const fs::path dir = WriteSnapshot(MakeTestDir("ranks"));
  for (const int world_size : {1, 2, 3, 8}) {
    std::vector<uint64_t> rows(2 * kTrain, kAll);  // By position.
    for (int rank = 0; rank < world_size; ++rank) {
      for (const SampleBatch& batch :
           Stream(dir, OptionsOf(SPLIT_TRAIN, rank, world_size))) {
        for (const Sample& sample : batch.samples) {
          EXPECT_EQ(rows.at(sample.position), uint64_t{kAll}) << "twice";
          rows[sample.position] = sample.index;
          EXPECT_EQ(sample.image, ImageOfRow(sample.index));
        }
      }
    }
    for (int position = 0; position < 2 * kTrain; ++position) {
      const SampleOrder order(kTrain, 11, position / kTrain);
      ASSERT_EQ(rows[position], order.SampleAt(position % kTrain));
    }
  }
}

TEST(LocalSampleStreamTest, GoingOnAtACursorGivesTheSameTail) {
  const fs::path dir = WriteSnapshot(MakeTestDir("cursor"));
  SampleStreamOptions options = OptionsOf(SPLIT_TRAIN, 1, 3);
  const std::vector<SampleBatch> all = Stream(dir, options);
  for (size_t i = 0; i < all.size(); ++i) {
    options.cursor = all[i].next_cursor;
    EXPECT_EQ(TextOf(Stream(dir, options)),
              TextOf({all.begin() + i + 1, all.end()}));
  }
}

TEST(LocalSampleStreamTest, ValidationAndTestComeInTheOrderOfTheTable) {
  const fs::path dir = WriteSnapshot(MakeTestDir("plain"));
  SampleStreamOptions options = OptionsOf(SPLIT_VALIDATION);
  options.epochs = 1;
  uint64_t expected = kTrain;
  for (const SampleBatch& batch : Stream(dir, options)) {
    for (const Sample& sample : batch.samples) {
      EXPECT_EQ(sample.index, expected++);
    }
  }
  EXPECT_EQ(expected, uint64_t{kTrain + kValidation});
}

TEST(LocalSampleStreamTest, RefusesOptionsOutOfRange) {
  const auto snapshot = OpenSnapshot(WriteSnapshot(MakeTestDir("options")));
  std::vector<SampleStreamOptions> wrong(5, OptionsOf(SPLIT_TRAIN));
  wrong[0].split = SPLIT_UNSPECIFIED;
  wrong[1].split = SPLIT_TEST;  // But shuffle is set.
  wrong[2].rank = 1;
  wrong[3].global_batch = 0;
  wrong[4].cursor = 5;
  for (const SampleStreamOptions& options : wrong) {
    EXPECT_THAT(LocalSampleStream::Create(snapshot, options),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(LocalSampleStreamTest, CancelEndsIt) {
  auto stream = LocalSampleStream::Create(
                    OpenSnapshot(WriteSnapshot(MakeTestDir("cancel"))),
                    OptionsOf(SPLIT_TRAIN))
                    .value();
  ASSERT_OK(stream->Next());
  stream->Cancel();
  EXPECT_THAT(stream->Next(), StatusIs(absl::StatusCode::kCancelled));
}

TEST(LocalSampleStreamTest, ADamagedSampleEndsItWithItsName) {
  const fs::path dir = WriteSnapshot(MakeTestDir("damage"));
  FlipByte(dir / "shard-000000.tar", 2000);
  auto stream =
      LocalSampleStream::Create(OpenSnapshot(dir), OptionsOf(SPLIT_TRAIN))
          .value();
  absl::Status status;
  while (status.ok()) status = stream->Next().status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss,
                               HasSubstr("shard-000000.tar")));
}

}  // namespace
}  // namespace verso
