#include "common/base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <random>

#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::IsOkAndHolds;
using ::verso::testing::MakeTestDir;
using ::verso::testing::StatusIs;

int EntriesOf(const fs::path& dir) {
  return static_cast<int>(std::distance(fs::directory_iterator(dir), {}));
}

// Files of this process may not grow past `bytes` for as long as it lives:
// a disk that fills up.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(WriteFileAtomicallyTest, WhatIsReadIsWhatWasWritten) {
  const fs::path dir = MakeTestDir("round_trip");
  std::mt19937 random(5);
  for (const int size : {0, 1, 4095, 4096, 100'001}) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
    ASSERT_OK(WriteFileAtomically(dir / "file", bytes));
    EXPECT_THAT(ReadFile(dir / "file"), IsOkAndHolds(bytes));
  }
  EXPECT_EQ(EntriesOf(dir), 1);
}

TEST(WriteFileAtomicallyTest, AFullDiskLeavesTheOldFileAndNothingElse) {
  const fs::path dir = MakeTestDir("full_disk");
  ASSERT_OK(WriteFileAtomically(dir / "file", "old"));
  {
    const FileSizeLimit limit(10'000);
    EXPECT_THAT(WriteFileAtomically(dir / "file", std::string(50'000, 'x')),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr("free some space")));
  }
  EXPECT_THAT(ReadFile(dir / "file"), IsOkAndHolds("old"));
  EXPECT_EQ(EntriesOf(dir), 1);
}

TEST(WriteFileAtomicallyTest, ARenameThatFailsLeavesNothingBehind) {
  const fs::path dir = MakeTestDir("rename");
  ASSERT_OK(MakeDirs(dir / "target" / "inside"));
  EXPECT_FALSE(WriteFileAtomically(dir / "target", "x").ok());
  EXPECT_TRUE(fs::is_directory(dir / "target" / "inside"));
  EXPECT_EQ(EntriesOf(dir), 1);
}

TEST(WriteFileAtomicallyTest, AMissingFolderIsNotFound) {
  const fs::path path = MakeTestDir("missing") / "none" / "file";
  EXPECT_THAT(WriteFileAtomically(path, "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path.string())));
}

TEST(ReadFileTest, RefusesAFileOverTheLimit) {
  const fs::path path = MakeTestDir("limit") / "file";
  ASSERT_OK(WriteFileAtomically(path, "12345"));
  EXPECT_THAT(ReadFile(path, 5), IsOkAndHolds("12345"));
  EXPECT_THAT(ReadFile(path, 4), StatusIs(absl::StatusCode::kResourceExhausted,
                                          HasSubstr("limit of 4")));
}

TEST(ReadFileTest, NamesWhatCannotBeRead) {
  const fs::path dir = MakeTestDir("cannot_read");
  EXPECT_THAT(ReadFile(dir / "none"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("none"), HasSubstr("No such file"))));
  EXPECT_THAT(ReadFile(dir), StatusIs(absl::StatusCode::kInternal,
                                      HasSubstr("Is a directory")));
}

TEST(FileTest, ReadsAndWritesAtOffsets) {
  const fs::path path = MakeTestDir("offsets") / "file";
  ASSERT_OK_AND_ASSIGN(const FileDescriptor fd,
                       OpenFile(path, O_RDWR | O_CREAT));
  ASSERT_OK(WriteAt(fd, "world", 6, path));
  ASSERT_OK(WriteAt(fd, "hello ", 0, path));
  EXPECT_THAT(ReadAt(fd, 4, 4, path), IsOkAndHolds("o wo"));
  EXPECT_THAT(ReadAt(fd, 8, 4, path),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("byte 11")));
}

TEST(FileTest, AFullDeviceIsResourceExhausted) {
  ASSERT_OK_AND_ASSIGN(const FileDescriptor fd,
                       OpenFile("/dev/full", O_WRONLY));
  EXPECT_THAT(WriteAt(fd, "x", 0, "/dev/full"),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(FileTest, MakesFoldersAndSaysWhatStandsInTheWay) {
  const fs::path dir = MakeTestDir("folders");
  EXPECT_OK(MakeDirs(dir / "a" / "b"));
  EXPECT_OK(MakeDirs(dir / "a" / "b"));
  EXPECT_OK(SyncDir(dir / "a" / "b"));
  ASSERT_OK(WriteFileAtomically(dir / "file", ""));
  EXPECT_THAT(MakeDirs(dir / "file" / "c"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("file/c")));
}

TEST(FileDescriptorTest, ClosesOnceAndMoves) {
  ASSERT_OK_AND_ASSIGN(FileDescriptor first, OpenFile("/dev/null", O_RDONLY));
  const int number = first.get();
  FileDescriptor second(std::move(first));
  EXPECT_EQ(second.get(), number);
  EXPECT_FALSE(first.valid());
  second.Close();
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
  EXPECT_FALSE(second.valid());
}

TEST(FileDescriptorTest, DoesNotReachChildProcesses) {
  ASSERT_OK_AND_ASSIGN(const FileDescriptor fd,
                       OpenFile("/dev/null", O_RDONLY));
  EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST(ErrnoStatusTest, TellsTheCausesApart) {
  const std::pair<int, absl::StatusCode> cases[] = {
      {ENOENT, absl::StatusCode::kNotFound},
      {ENOSPC, absl::StatusCode::kResourceExhausted},
      {EDQUOT, absl::StatusCode::kResourceExhausted},
      {EROFS, absl::StatusCode::kPermissionDenied},
      {EEXIST, absl::StatusCode::kAlreadyExists},
      {EIO, absl::StatusCode::kInternal}};
  for (const auto& [error, code] : cases) {
    EXPECT_THAT(ErrnoStatus("open", "/a/b", error),
                StatusIs(code, HasSubstr("cannot open /a/b: ")));
  }
}

}  // namespace
}  // namespace verso
