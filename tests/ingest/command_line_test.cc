// The binary itself, on what it can be asked without a site.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/process.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::verso::testing::MakeTestDir;
using ::verso::testing::ProcessResult;
using ::verso::testing::RunProcess;

ProcessResult Ingest(std::vector<std::string> args) {
  args.insert(args.begin(), "ingest/ingest");
  return RunProcess(args, {"VERSO_HOME=" + MakeTestDir("home").string()})
      .value();
}

TEST(IngestCommandLineTest, NoRealSiteIsAskedWithoutContact) {
  const ProcessResult result = Ingest({"run", "--sources=wga"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("www.wga.hu"), HasSubstr("--contact")));
}

TEST(IngestCommandLineTest, AnUnknownSourceIsNamedWithThoseThereAre) {
  const ProcessResult result = Ingest({"--sources=wga,louvre"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, AllOf(HasSubstr("louvre"), HasSubstr("artbench")));
}

TEST(IngestCommandLineTest, BadFlagsAndSubcommandsAreUsageErrors) {
  for (const char* bad : {"--no_such_flag", "--host_interval=soon", "crawl",
                          "--wga_url=ftp://x", "--limit=-1"}) {
    EXPECT_EQ(Ingest({bad, "--contact=me"}).exit_code, 2) << bad;
  }
}

TEST(IngestCommandLineTest, HelpHasExamples) {
  const ProcessResult result = Ingest({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("bazel run //ingest -- run"));
}

TEST(IngestCommandLineTest, StatusSaysWhenNothingWasIngested) {
  const ProcessResult result = Ingest({"status"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("nothing was ingested yet"));
}

TEST(IngestCommandLineTest, AStoreThatDoesNotAnswerIsNamed) {
  const ProcessResult result =
      Ingest({"--sources=lofi", "--store=127.0.0.1:1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("127.0.0.1:1"));
}

TEST(IngestCommandLineTest, LofiWithoutArtbenchSaysWhatToRun) {
  const ProcessResult result =
      Ingest({"--sources=lofi", "--store=" + MakeTestDir("store").string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("--sources=artbench first"));
}

}  // namespace
}  // namespace verso
