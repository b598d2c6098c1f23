// Writer, reader and scanner of one shard file.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shardstore/shard_reader.h"
#include "shardstore/shard_writer.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A shard of three samples of different lengths; returns their extents.
std::vector<SampleExtent> WriteThree(const fs::path& path, bool seal) {
  auto writer = ShardWriter::Create(path);
  EXPECT_OK(writer);
  std::vector<SampleExtent> extents;
  for (const size_t size : {100, 2000, 600}) {
    const auto extent =
        (*writer)->Append({"key", "{}", "jpg", std::string(size, 'i')});
    EXPECT_OK(extent);
    extents.push_back(*extent);
  }
  EXPECT_OK((*writer)->Sync());
  if (seal) {
    EXPECT_OK((*writer)->Seal());
  }
  return extents;
}

// What a scanner gives: the numbers of whole samples, -1 for each damage.
std::vector<int> Scan(const fs::path& path, int64_t end) {
  const auto reader = ShardReader::Open(path);
  EXPECT_OK(reader);
  ShardScanner scanner(reader->get(), 0, 0, end);
  std::vector<int> seen;
  while (true) {
    const auto next = scanner.Next();
    if (!next.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(next.status())) << next.status();
      seen.push_back(-1);
    } else if (next->has_value()) {
      seen.push_back(static_cast<int>((*next)->extent.seq));
    } else {
      return seen;
    }
  }
}

TEST(ShardFilesTest, ListsAndReadsSealedAndUnsealedShardsAlike) {
  for (const bool seal : {false, true}) {
    const fs::path path = MakeTestDir("list") / "shard-000000.tar";
    WriteThree(path, seal);
    ASSERT_OK_AND_ASSIGN(const auto reader, ShardReader::Open(path));
    ASSERT_OK_AND_ASSIGN(const auto samples, reader->ListSamples());
    ASSERT_EQ(samples.size(), 3u);
    ASSERT_OK_AND_ASSIGN(const ShardSample sample, reader->Read(samples[1]));
    EXPECT_EQ(sample.image, std::string(2000, 'i'));
  }
}

TEST(ShardFilesTest, AShardCutAnywhereInItsLastSampleIsDataLoss) {
  const fs::path dir = MakeTestDir("cut");
  const auto extents = WriteThree(dir / "shard-000000.tar", false);
  const std::string whole = Slurp(dir / "shard-000000.tar");
  for (size_t size = extents[2].offset + 1; size < whole.size(); size += 7) {
    fs::resize_file(dir / "shard-000000.tar", size);
    ASSERT_OK_AND_ASSIGN(const auto reader,
                         ShardReader::Open(dir / "shard-000000.tar"));
    EXPECT_THAT(reader->ListSamples(),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("seq=2")));
    EXPECT_THAT(reader->Read(extents[2]),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_OK(reader->Read(extents[1]));
    Spill(dir / "shard-000000.tar", whole);
  }
}

TEST(ShardFilesTest, ScanningGoesOnBehindDamage) {
  const fs::path path = MakeTestDir("scan") / "shard-000000.tar";
  const auto extents = WriteThree(path, false);
  const std::string whole = Slurp(path);
  const int64_t end = static_cast<int64_t>(whole.size());
  EXPECT_THAT(Scan(path, end), ElementsAre(0, 1, 2));
  for (int64_t at = extents[1].offset; at < extents[2].offset; at += 61) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    Spill(path, damaged);
    EXPECT_THAT(Scan(path, end), ElementsAre(0, -1, 2)) << "byte " << at;
  }
}

TEST(ShardFilesTest, ScanningEndsBehindDamageInTheLastSample) {
  const fs::path path = MakeTestDir("scan_end") / "shard-000000.tar";
  const auto extents = WriteThree(path, false);
  std::string damaged = Slurp(path);
  damaged[extents[2].offset + 10] = '!';
  Spill(path, damaged);
  EXPECT_THAT(Scan(path, static_cast<int64_t>(damaged.size())),
              ElementsAre(0, 1, -1));
}

TEST(ShardFilesTest, WritingGoesOnWhereToldAndCutsTheRest) {
  const fs::path path = MakeTestDir("go_on") / "shard-000000.tar";
  const auto extents = WriteThree(path, true);
  ASSERT_OK_AND_ASSIGN(auto writer,
                       ShardWriter::OpenAt(path, extents[2].offset, 2));
  ASSERT_OK_AND_ASSIGN(const SampleExtent extent,
                       writer->Append({"new", "{}", "png", "p"}));
  EXPECT_EQ(extent.seq, 2u);
  EXPECT_EQ(extent.offset, extents[2].offset);
  ASSERT_OK_AND_ASSIGN(const auto reader, ShardReader::Open(path));
  ASSERT_OK_AND_ASSIGN(const auto samples, reader->ListSamples());
  EXPECT_EQ(samples.size(), 3u);
}

TEST(ShardFilesTest, AShardShorterThanCommittedIsNotOpenedForWriting) {
  const fs::path path = MakeTestDir("short") / "shard-000000.tar";
  const auto extents = WriteThree(path, false);
  EXPECT_THAT(
      ShardWriter::OpenAt(path, extents[2].offset + (1 << 20), 9),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("were committed")));
  EXPECT_THAT(ShardWriter::Create(path),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST(ShardFilesTest, TheSealNamesTheFilesHash) {
  const fs::path path = MakeTestDir("sealed") / "shard-000000.tar";
  ASSERT_OK_AND_ASSIGN(auto writer, ShardWriter::Create(path));
  ASSERT_OK(writer->Append({"key", "{}", "jpg", "image"}));
  ASSERT_OK_AND_ASSIGN(const ShardSealed sealed, writer->Seal());
  EXPECT_EQ(sealed.records(), 1);
  EXPECT_EQ(sealed.size_bytes(), static_cast<int64_t>(fs::file_size(path)));
  EXPECT_THAT(Sha256OfFile(path), IsOkAndHolds(sealed.sha256()));
}

}  // namespace
}  // namespace verso::testing
