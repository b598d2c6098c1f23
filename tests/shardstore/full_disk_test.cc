// A disk without space, and one that fails to sync.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/kv/kv.h"
#include "shardstore/record_storage.h"
#include "tests/shardstore/storage_testing.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace {

std::atomic<int> syncs_until_failure{-1};  // -1: none fails.
std::atomic<int> syncs_after_failure{0};

}  // namespace

// Takes the place of the C library's in this program: fails as a disk does,
// once; the next call would succeed although the data are gone.
extern "C" int fdatasync(int fd) {
  const int left = syncs_until_failure.load();
  if (left == 0) {
    syncs_until_failure = -1;
    syncs_after_failure = 0;
    errno = EIO;
    return -1;
  }
  if (left > 0) --syncs_until_failure;
  ++syncs_after_failure;
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}

namespace verso::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Record BigRecord(int item) {
  Record record = RecordOf("wga", item);
  record.set_image(FakeJpeg(static_cast<uint64_t>(item), 30'000));
  return record;
}

std::vector<std::string> StoredTexts(const std::vector<Record>& records) {
  std::vector<Record> stored;
  for (const Record& record : records) stored.push_back(AsStored(record));
  return Texts(stored);
}

// Appends pairs until one is refused for want of space; returns what was
// acknowledged.
std::vector<Record> FillUp(RecordStorage& storage, int first, int max_calls) {
  std::vector<Record> acknowledged;
  for (int i = first; i < first + 2 * max_calls; i += 2) {
    const std::vector<Record> pair = {BigRecord(i), BigRecord(i + 1)};
    const auto outcomes = storage.Append(pair);
    if (!outcomes.ok()) {
      EXPECT_THAT(outcomes, StatusIs(absl::StatusCode::kResourceExhausted));
      return acknowledged;
    }
    acknowledged.insert(acknowledged.end(), pair.begin(), pair.end());
  }
  ADD_FAILURE() << "the disk was never full";
  return acknowledged;
}

// A file system of a given size that only this process sees, so that nothing is
// left behind however it ends.
class SmallDisk {
 public:
  SmallDisk(const fs::path& dir, int kibibytes) : dir_(dir) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return;
    }
    mounted_ = mount("tmpfs", dir.c_str(), "tmpfs", 0,
                     absl::StrCat("size=", kibibytes, "k").c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(dir_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool Resize(int kibibytes) {
    return mount("tmpfs", dir_.c_str(), "tmpfs", MS_REMOUNT,
                 absl::StrCat("size=", kibibytes, "k").c_str()) == 0;
  }

 private:
  const fs::path dir_;
  bool mounted_ = false;
};

TEST(FullDiskTest, NothingAcknowledgedIsLostAndWritingGoesOnWithSpace) {
  int filled = 0;
  // What the index keeps free, and a little more.
  for (const int above_kib : {300, 333, 404, 512, 1111}) {
    const int kibibytes = above_kib + static_cast<int>(kMinFreeDiskBytes >> 10);
    SCOPED_TRACE(kibibytes);
    const fs::path dir = MakeTestDir("small_disk");
    SmallDisk disk(dir, kibibytes);
    if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
    auto storage = OpenStorage(dir / "store", StoreAccess::kWrite,
                               {.max_shard_bytes = 200'000});
    ASSERT_NE(storage, nullptr);
    std::vector<Record> stored = FillUp(*storage, 0, 100);
    filled += static_cast<int>(stored.size());
    EXPECT_EQ(
        Texts(ReadAll(*OpenStorage(dir / "store", StoreAccess::kRead)).records),
        StoredTexts(stored));
    ASSERT_TRUE(disk.Resize(kibibytes + 4096));
    const std::vector<Record> more = {BigRecord(1000), BigRecord(1001)};
    AppendAll(*storage, more);
    stored.insert(stored.end(), more.begin(), more.end());
    EXPECT_EQ(Texts(ReadAll(*storage).records), StoredTexts(stored));
    storage.reset();
    EXPECT_EQ(Texts(ReadAll(*OpenStorage(dir / "store")).records),
              StoredTexts(stored));
  }
  EXPECT_GT(filled, 0);
}

TEST(FullDiskTest, ReadingGoesOnWhenOthersFillTheDisk) {
  const fs::path dir = MakeTestDir("others");
  SmallDisk disk(dir, static_cast<int>(kMinFreeDiskBytes >> 10) + 2048);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  const auto storage = OpenStorage(dir / "store");
  AppendAll(*storage, {BigRecord(1)});
  std::ofstream filler(dir / "filler", std::ios::binary);
  while (filler << std::string(1 << 16, 'f') && filler.flush()) continue;
  filler.close();
  EXPECT_THAT(storage->Append({BigRecord(2)}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Texts(ReadAll(*storage).records), StoredTexts({BigRecord(1)}));
  fs::remove(dir / "filler");
  AppendAll(*storage, {BigRecord(2)});
  EXPECT_EQ(Texts(ReadAll(*storage).records),
            StoredTexts({BigRecord(1), BigRecord(2)}));
}

TEST(FullDiskTest, AFileAtItsSizeLimitIsAFullDisk) {
  const fs::path dir = MakeTestDir("file_limit");
  const auto storage = OpenStorage(dir);
  rlimit unlimited;
  getrlimit(RLIMIT_FSIZE, &unlimited);
  signal(SIGXFSZ, SIG_IGN);
  rlimit limited = unlimited;
  limited.rlim_cur = 100'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
  std::vector<Record> stored = FillUp(*storage, 0, 10);
  const auto size = fs::file_size(dir / "shards/shard-000000.tar");
  setrlimit(RLIMIT_FSIZE, &unlimited);
  EXPECT_EQ(size % 512, 0u);  // The torn sample was taken back.
  EXPECT_EQ(static_cast<int64_t>(size),
            storage->Ledger().shards.at(0).end_offset);
  AppendAll(*storage, {BigRecord(500)});
  stored.push_back(BigRecord(500));
  EXPECT_EQ(Texts(ReadAll(*storage).records), StoredTexts(stored));
}

TEST(FailedSyncTest, IsNeverRetriedAndTheStoreTakesNoMoreRecords) {
  // The first sync of an append is the shard's, the second the ledger's.
  for (const int failing : {0, 1}) {
    SCOPED_TRACE(failing);
    const fs::path dir = MakeTestDir("failed_sync");
    auto storage = OpenStorage(dir);
    AppendAll(*storage, {BigRecord(1)});
    syncs_until_failure = failing;
    EXPECT_THAT(storage->Append({BigRecord(2)}),
                StatusIs(absl::StatusCode::kInternal,
                         HasSubstr("takes no more records")));
    EXPECT_THAT(storage->Append({BigRecord(3)}),
                StatusIs(absl::StatusCode::kInternal));
    EXPECT_THAT(storage->AddLedgerEntry(LedgerEntry()),
                StatusIs(absl::StatusCode::kInternal));
    EXPECT_EQ(syncs_after_failure, 0);
    EXPECT_EQ(ReadAll(*storage).records.size(), 1u);  // Reading goes on.
    storage.reset();
    storage = OpenStorage(dir);
    EXPECT_EQ(Texts(ReadAll(*storage).records), StoredTexts({BigRecord(1)}));
    AppendAll(*storage, {BigRecord(2)});
  }
}

}  // namespace
}  // namespace verso::testing
