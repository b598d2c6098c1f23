#include "shardstore/ledger.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

LedgerEntry WatermarkAt(int64_t end, int64_t records) {
  LedgerEntry entry;
  entry.mutable_watermark()->set_shard("shard-000001.tar");
  entry.mutable_watermark()->set_end_offset(end);
  entry.mutable_watermark()->set_shard_records(records);
  return entry;
}

// Three synced entries; returns where each ends.
std::vector<int64_t> WriteThree(const fs::path& path) {
  auto writer = LedgerWriter::Open(path, 0);
  EXPECT_OK(writer);
  std::vector<int64_t> ends;
  for (int i = 1; i <= 3; ++i) {
    EXPECT_OK((*writer)->Append({WatermarkAt(1000 * i, i)}));
    EXPECT_OK((*writer)->Sync());
    ends.push_back(static_cast<int64_t>(fs::file_size(path)));
  }
  return ends;
}

std::vector<int64_t> OffsetsIn(const fs::path& path) {
  std::vector<int64_t> offsets;
  EXPECT_OK(ReadLedger(path, [&](const LedgerEntry& entry) {
    offsets.push_back(entry.watermark().end_offset());
  }));
  return offsets;
}

TEST(LedgerTest, TheLastWatermarkOfAShardHolds) {
  const fs::path path = MakeTestDir("ledger") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  ASSERT_OK_AND_ASSIGN(const LedgerSummary summary, ReadLedger(path));
  EXPECT_EQ(summary.shards.at(1).end_offset, 3000);
  EXPECT_EQ(summary.records(), 3);
  EXPECT_EQ(summary.end_offset, ends[2]);
  EXPECT_EQ(summary.tail_bytes, 0);
  EXPECT_EQ(summary.damaged_bytes, 0);
}

TEST(LedgerTest, ATailTornAtAnyByteLeavesTheEntriesBeforeIt) {
  const fs::path path = MakeTestDir("torn") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  for (int64_t size = ends[2] - 1; size > ends[1]; --size) {
    fs::resize_file(path, size);
    EXPECT_THAT(OffsetsIn(path), ElementsAre(1000, 2000));
    ASSERT_OK_AND_ASSIGN(const LedgerSummary summary, ReadLedger(path));
    EXPECT_EQ(summary.tail_bytes, size - ends[1]);
  }
}

TEST(LedgerTest, EverySingleBitFlipCostsOneEntryAndNoOther) {
  const fs::path path = MakeTestDir("flip") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  const std::string whole = Slurp(path);
  for (size_t bit = ends[0] * 8; bit < static_cast<size_t>(ends[1]) * 8;
       ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    Spill(path, damaged);
    EXPECT_THAT(OffsetsIn(path), ElementsAre(1000, 3000)) << "bit " << bit;
    ASSERT_OK_AND_ASSIGN(const LedgerSummary summary, ReadLedger(path));
    EXPECT_EQ(summary.damaged_bytes, ends[1] - ends[0]);
  }
}

TEST(LedgerTest, WritesOnBehindATornTail) {
  const fs::path path = MakeTestDir("behind") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  fs::resize_file(path, ends[2] - 3);
  {
    ASSERT_OK_AND_ASSIGN(auto writer, LedgerWriter::Open(path, ends[2] - 3));
    ASSERT_OK(writer->Append({WatermarkAt(4000, 4)}));
    ASSERT_OK(writer->Sync());
  }
  EXPECT_THAT(OffsetsIn(path), ElementsAre(1000, 2000, 4000));
}

TEST(LedgerTest, CutsBackWhatWasNotSynced) {
  const fs::path path = MakeTestDir("back") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  ASSERT_OK_AND_ASSIGN(auto writer, LedgerWriter::Open(path, ends[2]));
  ASSERT_OK(writer->Append({WatermarkAt(9000, 9)}));
  ASSERT_OK(writer->CutBack());
  ASSERT_OK(writer->Append({WatermarkAt(4000, 4)}));
  EXPECT_THAT(OffsetsIn(path), ElementsAre(1000, 2000, 3000, 4000));
}

TEST(LedgerTest, ReadsMoreThanItsWindowHolds) {
  const fs::path path = MakeTestDir("long") / "ledger";
  ASSERT_OK_AND_ASSIGN(auto writer, LedgerWriter::Open(path, 0));
  LedgerEntry entry;
  entry.mutable_sighting()->set_page_url(std::string(50'000, 'u'));
  const std::vector<LedgerEntry> entries(250, entry);
  ASSERT_OK(writer->Append(entries));
  ASSERT_OK_AND_ASSIGN(const LedgerSummary summary, ReadLedger(path));
  EXPECT_EQ(summary.sightings, 250);
  EXPECT_EQ(summary.damaged_bytes, 0);
}

TEST(LedgerTest, IsVisitedFromAnEntryOnAndNeverPastItsEnd) {
  const fs::path path = MakeTestDir("visit") / "ledger";
  const std::vector<int64_t> ends = WriteThree(path);
  std::vector<int64_t> seen;
  const auto see = [&](const LedgerEntry&, int64_t end) {
    seen.push_back(end);
    return absl::OkStatus();
  };
  ASSERT_OK(VisitLedger(path, ends[0], see));
  EXPECT_THAT(seen, ElementsAre(ends[1], ends[2]));
  EXPECT_OK(VisitLedger(path, ends[2], see));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_THAT(VisitLedger(path, ends[2] + 1, see),
              StatusIs(absl::StatusCode::kDataLoss));
  const auto refuse = [](const LedgerEntry&, int64_t) {
    return absl::CancelledError("enough");
  };
  EXPECT_THAT(VisitLedger(path, 0, refuse),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(LedgerTest, AnAbsentLedgerIsNotFound) {
  EXPECT_THAT(ReadLedger(MakeTestDir("none") / "ledger"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace verso::testing
