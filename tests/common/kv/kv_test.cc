#include "common/kv/kv.h"

#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using Rows = std::map<std::string, std::string>;

std::unique_ptr<KvStore> OpenKv(const fs::path& dir) {
  absl::StatusOr<std::unique_ptr<KvStore>> kv = KvStore::Open(dir);
  EXPECT_OK(kv);
  return kv.ok() ? *std::move(kv) : nullptr;
}

Rows RowsWith(const KvStore& kv, absl::string_view prefix) {
  Rows rows;
  std::string last;
  const auto cursor = kv.ScanPrefix(prefix);
  EXPECT_OK(cursor);
  while ((*cursor)->Next()) {
    EXPECT_LT(last, std::string((*cursor)->key()));
    last = std::string((*cursor)->key());
    rows[last] = std::string((*cursor)->value());
  }
  EXPECT_OK((*cursor)->status());
  return rows;
}

TEST(KvTest, HoldsWhatAMapHoldsAlsoAfterReopening) {
  const fs::path dir = MakeTestDir("kv");
  Rows expected;
  std::mt19937_64 random(3);
  for (int round = 0; round < 5; ++round) {
    const std::unique_ptr<KvStore> kv = OpenKv(dir);
    KvBatch batch;
    for (int i = 0; i < 300; ++i) {
      const std::string key = absl::StrCat(random() % 3, "/", random() % 100);
      if (random() % 4 == 0) {
        batch.Delete(key);
        expected.erase(key);
      } else {
        expected[key] = absl::StrCat(random());
        batch.Put(key, expected[key]);
      }
    }
    ASSERT_OK(kv->Write(batch, KvSync::kNo));
    EXPECT_EQ(RowsWith(*kv, ""), expected);
  }
  const std::unique_ptr<KvStore> kv = OpenKv(dir);
  EXPECT_EQ(RowsWith(*kv, ""), expected);
  EXPECT_EQ(RowsWith(*kv, "1/"),
            Rows(expected.lower_bound("1/"), expected.lower_bound("10")));
  EXPECT_THAT(kv->Get("9/none"), IsOkAndHolds(std::nullopt));
}

TEST(KvTest, ACursorSeesTheStoreAsItWas) {
  const std::unique_ptr<KvStore> kv = OpenKv(MakeTestDir("cursor"));
  KvBatch first;
  first.Put("a", "1");
  ASSERT_OK(kv->Write(first, KvSync::kYes));
  ASSERT_OK_AND_ASSIGN(const auto cursor, kv->ScanPrefix(""));
  KvBatch second;
  second.Put("b", "2");
  ASSERT_OK(kv->Write(second, KvSync::kNo));
  EXPECT_TRUE(cursor->Next());
  EXPECT_EQ(cursor->key(), "a");
  EXPECT_FALSE(cursor->Next());
  EXPECT_FALSE(cursor->Next());
  EXPECT_OK(cursor->status());
}

TEST(KvTest, ASecondOpenIsRefused) {
  const fs::path dir = MakeTestDir("second");
  const std::unique_ptr<KvStore> kv = OpenKv(dir);
  EXPECT_THAT(KvStore::Open(dir),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(KvTest, AFlippedBitInTheLogNeverLosesRowsInTheMiddleSilently) {
  const fs::path dir = MakeTestDir("flip");
  constexpr int kRows = 200;
  {
    const std::unique_ptr<KvStore> kv = OpenKv(dir / "good");
    for (int i = 0; i < kRows; ++i) {
      KvBatch batch;
      batch.Put(absl::StrCat("key", i), std::string(100, 'v'));
      ASSERT_OK(kv->Write(batch, KvSync::kNo));
    }
  }
  std::mt19937_64 random(4);
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    fs::remove_all(dir / "bad");
    fs::copy(dir / "good", dir / "bad");
    for (const auto& file : fs::directory_iterator(dir / "bad")) {
      if (file.path().extension() != ".log") continue;
      ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(file.path()));
      // All but the last record, which a torn write may well damage.
      bytes[random() % (bytes.size() - 200)] ^= 0x10;
      ASSERT_OK(WriteFileAtomically(file.path(), bytes));
    }
    const auto kv = KvStore::Open(dir / "bad");
    if (!kv.ok()) {
      EXPECT_THAT(kv, StatusIs(absl::StatusCode::kDataLoss));
      ++refused;
      continue;
    }
    EXPECT_EQ(RowsWith(**kv, "").size(), static_cast<size_t>(kRows));
  }
  EXPECT_GT(refused, 20);
}

TEST(KvTest, DestroyLeavesNothing) {
  const fs::path dir = MakeTestDir("destroy") / "kv";
  OpenKv(dir);
  ASSERT_OK(KvStore::Destroy(dir));
  EXPECT_FALSE(fs::exists(dir));
}

}  // namespace
}  // namespace verso::testing
