// Stops and kills the binary in the middle of its work.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/ingest/import/import_fixture.h"

namespace verso {
namespace {

using ::testing::ContainsRegex;
using ::testing::SizeIs;
using ::verso::testing::Process;
using ::verso::testing::ProcessResult;

constexpr int kPictures = 100;  // More than one batch.

// An import of two tars, of which the second is a pipe: there the import waits,
// in the middle of its work, until the test writes to it.
class ResumeTest : public ImportFixture {
 protected:
  ResumeTest() {
    std::vector<ArchiveMember> members;
    for (int i = 0; i < kPictures; ++i) {
      members.push_back({std::to_string(i) + ".png", PictureOf(i)});
    }
    WriteArchive(first_, members);
    EXPECT_EQ(mkfifo(second_.c_str(), 0600), 0);
  }

  // Imports until some pictures are stored, then sends `signal`; the exit code.
  int Interrupt(int signal) {
    Process process = Process::Start(Command(Args())).value();
    while (!HasRecords()) std::this_thread::yield();
    process.Signal(signal);
    // The pipe ends, should anybody still wait for it.
    close(open(second_.c_str(), O_RDWR | O_CLOEXEC));
    const int code = process.Wait().value();
    std::filesystem::remove(second_);
    WriteArchive(second_, {{"last.png", PictureOf(kPictures)}});
    return code;
  }

  // False too while the store is being made.
  bool HasRecords() {
    const auto store = OpenShardStore(store_.string(), StoreAccess::kRead);
    if (!store.ok()) return false;
    const auto reader = (*store)->Query(RecordQuery());
    if (!reader.ok()) return false;
    const auto record = (*reader)->Next();
    return record.ok() && record->has_value();
  }

  std::vector<std::string> Args() {
    return {first_.string(), second_.string(), "--source=set"};
  }
  ProcessResult Rerun() { return Import(Args()); }

  const std::filesystem::path first_ = mine_ / "1.tar";
  const std::filesystem::path second_ = mine_ / "2.tar";
};

TEST_F(ResumeTest, AfterAKillEachPictureIsStoredOnce) {
  EXPECT_EQ(Interrupt(SIGKILL), 128 + SIGKILL);
  EXPECT_LT(Stored().size(), kPictures);
  EXPECT_EQ(Rerun().exit_code, 0);
  EXPECT_THAT(Stored(), SizeIs(kPictures + 1));
}

TEST_F(ResumeTest, ARequestToStopKeepsWhatWasTaken) {
  EXPECT_EQ(Interrupt(SIGINT), 75);
  const size_t taken = Stored().size();
  EXPECT_LE(taken, kPictures);
  const ProcessResult again = Rerun();
  EXPECT_EQ(again.exit_code, 0);
  // Nothing is taken twice: "set  stored  duplicate ...".
  EXPECT_THAT(again.output,
              ContainsRegex(absl::StrCat("set +", kPictures + 1 - taken, " +",
                                         kPictures + 1 - taken, " +0 ")));
  EXPECT_THAT(Stored(), SizeIs(kPictures + 1));
}

}  // namespace
}  // namespace verso
