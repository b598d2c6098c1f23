// What users get wrong: one clear sentence, the right exit code, nothing left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/integration/pipeline.h"
#include "tests/testing/status_matchers.h"

namespace verso::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// How many lines of `output` report an error.
int Errors(const std::string& output) {
  int errors = 0;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    if (absl::StartsWith(line, "error: ")) ++errors;
  }
  return errors;
}

class BinaryTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BinaryTest, AnUnknownFlagIsAUsageError) {
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({GetParam(), "--no_such_flag"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--no_such_flag"));
}

TEST_P(BinaryTest, HelpHasExamplesAndDefaults) {
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({GetParam(), "--help"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("bazel run //"), HasSubstr("(default: ")));
}

INSTANTIATE_TEST_SUITE_P(
    EveryBinary, BinaryTest,
    ::testing::Values("shardstore/shardstore", "ingest/ingest",
                      "trainer/trainer", "evaluator/evaluator",
                      "tests/gallery/gallery_server"),
    [](const auto& info) {
      return std::filesystem::path(info.param).filename().string();
    });

TEST(ErrorsTest, TrainingWithoutAStoreSaysWhatToRun) {
  const std::filesystem::path dir = MakeTestDir("no_store");
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      RunProcess({"trainer/trainer", "train"}, {"VERSO_HOME=" + dir.string()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Errors(result.output), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("//shardstore"));
}

TEST(ErrorsTest, EvaluatingWithoutARunSaysWhatToRun) {
  const std::filesystem::path dir = MakeTestDir("no_run");
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({"evaluator/evaluator", "watch", "--once"},
                                  {"VERSO_HOME=" + dir.string()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Errors(result.output), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("//trainer"));
}

TEST(ErrorsTest, ADataSetWithoutRecordsOfASourceNamesTheSource) {
  Pipeline pipeline(MakeTestDir("no_records"));
  ASSERT_OK(pipeline.StartStore());
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      RunProcess({"shardstore/shardstore", "snapshot", "--recipe=d4_fair",
                  "--store=" + pipeline.store_address()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Errors(result.output), 1) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("artbench"), HasSubstr("//ingest")));
}

TEST(ErrorsTest, APortInUseIsNamed) {
  Pipeline pipeline(MakeTestDir("port"));
  ASSERT_OK(pipeline.StartStore());
  const std::filesystem::path other = MakeTestDir("port_other");
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({"shardstore/shardstore", "serve",
                                   "--store=" + (other / "store").string(),
                                   "--listen=" + pipeline.store_address()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Errors(result.output), 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr(absl::StripPrefix(
                                 pipeline.store_address(), "127.0.0.1:")));
}

TEST(ErrorsTest, ASecondServerOnOneDirectoryIsRefused) {
  const std::filesystem::path dir = MakeTestDir("locked");
  Pipeline pipeline(dir);
  ASSERT_OK(pipeline.StartStore());
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      RunProcess({"shardstore/shardstore", "serve", "--listen=127.0.0.1:0",
                  "--store=" + pipeline.store_dir().string()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("is being written by process"));
}

TEST(ErrorsTest, IngestWithoutAStoreSaysWhichAddress) {
  Pipeline pipeline(MakeTestDir("ingest_no_store"));
  ASSERT_OK(pipeline.StartGallery(
      {"--wga=2", "--artbench=2", "--lexica=2", "--dalle=2"}));
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult result,
      pipeline.Ingest({"--store=127.0.0.1:9", "--sources=wga"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("127.0.0.1:9"));
}

TEST(ErrorsTest, NoRealSiteIsContactedWithoutAContact) {
  const std::filesystem::path dir = MakeTestDir("contact");
  ASSERT_OK_AND_ASSIGN(const ProcessResult result,
                       RunProcess({"ingest/ingest", "run", "--sources=wga",
                                   "--store=" + (dir / "store").string()},
                                  {"VERSO_HOME=" + dir.string()}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--contact"));
}

TEST(ErrorsTest, AListingThatFailedIsAskedAgainByTheNextRun) {
  Pipeline pipeline(MakeTestDir("listing"));
  ASSERT_OK(
      pipeline.StartGallery({"--wga=6", "--artbench=4", "--lexica=4",
                             "--dalle=4", "--fault=/wga/database=html:1"}));
  ASSERT_OK(pipeline.StartStore());
  ASSERT_OK_AND_ASSIGN(const ProcessResult first,
                       pipeline.Ingest({"--sources=wga"}));
  EXPECT_EQ(first.exit_code, 1) << first.output;
  ASSERT_OK_AND_ASSIGN(const ProcessResult second,
                       pipeline.Ingest({"--sources=wga"}));
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("stored 6,"));
}

// Each fault hits the first answers of one site; the others are not disturbed.
struct Fault {
  std::string kind;
  int stored;  // Of 6 pictures, where the first 2 answers are faulty.
};

class FaultySiteTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultySiteTest, NothingHalfIsStoredAndTheRestIsTaken) {
  Pipeline pipeline(MakeTestDir("faulty_" + GetParam().kind));
  ASSERT_OK(pipeline.StartGallery(
      {"--wga=6", "--artbench=4", "--lexica=4", "--dalle=4",
       absl::StrCat("--fault=/wga/art=", GetParam().kind, ":2"),
       // Where the path of its page leads to no picture, the page is asked.
       absl::StrCat("--fault=/wga/html=", GetParam().kind, ":2")}));
  ASSERT_OK(pipeline.StartStore());
  ASSERT_OK_AND_ASSIGN(const ProcessResult ingest,
                       pipeline.Ingest({"--sources=wga", "--retry_base=10ms"}));
  EXPECT_EQ(ingest.exit_code, 0) << ingest.output;
  ASSERT_OK_AND_ASSIGN(
      const ProcessResult list,
      RunProcess({"shardstore/shardstore", "ls",
                  "--store=" + pipeline.store_dir().string()}));
  EXPECT_THAT(list.output,
              HasSubstr(absl::StrCat(" ", GetParam().stored, " records")))
      << ingest.output;
}

// What may pass is tried again; what is final is refused.
INSTANTIATE_TEST_SUITE_P(EveryFault, FaultySiteTest,
                         ::testing::Values(Fault{"404", 4}, Fault{"429", 6},
                                           Fault{"500", 6}, Fault{"html", 6},
                                           Fault{"half", 6}),
                         [](const auto& info) { return info.param.kind; });

}  // namespace
}  // namespace verso::testing
