#include "evaluator/report_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <random>

#include "absl/time/clock.h"
#include "common/base/file.h"
#include "tests/evaluator/sample_report.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using ::verso::testing::MakeTestDir;
using ::verso::testing::SampleReport;
using ::verso::testing::StatusIs;
using Files = std::map<std::string, std::string>;

Files ReadAll(const fs::path& dir) {
  Files files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    files[entry.path().filename()] = ReadFile(entry.path()).value();
  }
  return files;
}

std::vector<std::string> NamesIn(const fs::path& dir) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(dir)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST(ReportWriterTest, WritesTheFourFiles) {
  const fs::path dir = MakeTestDir("reports");
  ASSERT_OK(WriteReport(dir, SampleReport(7)));
  EXPECT_THAT(NamesIn(dir), UnorderedElementsAre("step-0000000007"));
  EXPECT_THAT(NamesIn(dir / "step-0000000007"),
              UnorderedElementsAre("scores.csv", "report.json", "table.csv",
                                   "table.md"));
}

TEST(ReportWriterTest, EveryFigureFollowsFromTheScoresFile) {
  const fs::path dir = MakeTestDir("reports");
  const EvaluationReport report = SampleReport(7);
  ASSERT_OK(WriteReport(dir, report));
  const Files files = ReadAll(dir / "step-0000000007");
  EvaluationReport again = report;
  again.scores = ScoresFromCsv(files.at("scores.csv")).value();
  again.figures = ComputeFigures(again.scores, 0.625, {{"wga", "simulated"}});
  ASSERT_OK(WriteReport(dir / "again", again));
  EXPECT_EQ(ReadAll(dir / "again" / "step-0000000007"), files);
}

TEST(ReportWriterTest, TheSameReportTwiceGivesTheSameBytes) {
  const fs::path dir = MakeTestDir("reports");
  ASSERT_OK(WriteReport(dir, SampleReport(7)));
  const Files once = ReadAll(dir / "step-0000000007");
  ASSERT_OK(WriteReport(dir, SampleReport(7)));
  EXPECT_EQ(ReadAll(dir / "step-0000000007"), once);
  EXPECT_THAT(NamesIn(dir), UnorderedElementsAre("step-0000000007"));
}

TEST(ReportWriterTest, ANameThatLeavesTheFolderIsRefused) {
  const fs::path dir = MakeTestDir("reports");
  for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "a\nb"}) {
    EvaluationReport report = SampleReport(7);
    report.subject.checkpoint = name;
    EXPECT_THAT(WriteReport(dir, report),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_TRUE(NamesIn(dir).empty());
}

TEST(ReportWriterTest, AFolderThatCannotBeWrittenIsNamed) {
  const fs::path dir = MakeTestDir("reports") / "file";
  ASSERT_OK(WriteFileAtomically(dir, "not a folder"));
  const absl::Status status = WriteReport(dir, SampleReport(7));
  EXPECT_THAT(std::string(status.message()), HasSubstr(dir.string()));
}

// Writes two reports of one checkpoint in turn, for ever; a byte before each.
[[noreturn]] void WriteForEver(const fs::path& dir, const EvaluationReport& a,
                               const EvaluationReport& b, int pipe) {
  while (true) {
    for (const EvaluationReport* report : {&a, &b}) {
      if (write(pipe, "x", 1) != 1) _exit(1);
      if (!WriteReport(dir, *report).ok()) _exit(2);
    }
  }
}

TEST(ReportWriterTest, KilledAtAnyMomentAReportIsAbsentOrWhole) {
  const EvaluationReport a = SampleReport(7, 0.25);
  const EvaluationReport b = SampleReport(7, 0.125);
  const fs::path expected = MakeTestDir("expected");
  ASSERT_OK(WriteReport(expected / "a", a));
  ASSERT_OK(WriteReport(expected / "b", b));
  const Files whole_a = ReadAll(expected / "a" / "step-0000000007");
  const Files whole_b = ReadAll(expected / "b" / "step-0000000007");
  std::mt19937 random(11);
  for (int kill_number = 0; kill_number < 30; ++kill_number) {
    const fs::path dir = MakeTestDir("killed");
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) WriteForEver(dir, a, b, pipe_ends[1]);
    close(pipe_ends[1]);
    char byte;
    for (int i = kill_number % 4; i >= 0; --i) {
      ASSERT_EQ(read(pipe_ends[0], &byte, 1), 1);
    }
    absl::SleepFor(absl::Microseconds(random() % 4000));  // Any moment.
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    close(pipe_ends[0]);
    if (fs::exists(dir / "step-0000000007")) {
      const Files files = ReadAll(dir / "step-0000000007");
      EXPECT_TRUE(files == whole_a || files == whole_b) << kill_number;
    }
    RemoveUnfinishedReports(dir);
    for (const std::string& name : NamesIn(dir)) {
      EXPECT_EQ(name, "step-0000000007");
    }
  }
}

}  // namespace
}  // namespace verso
