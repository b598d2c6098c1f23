#include "common/base/main.h"

#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::verso::testing::ProcessResult;

ProcessResult RunProbe(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "tests/common/base/main_probe");
  return testing::RunProcess(arguments).value();
}

TEST(MainTest, FlagsHaveDefaultsAndNoArgumentIsNeeded) {
  const ProcessResult result = RunProbe({});
  EXPECT_EQ(result.exit_code, kExitDone);
  EXPECT_EQ(result.output, "[] [] count=3 loud=0 name=nobody\n");
}

TEST(MainTest, TakesFlagsInEveryFormAndPlace) {
  EXPECT_EQ(RunProbe({"--count=5", "show", "--name", "Ann", "a", "--loud", "b"})
                .output,
            "[show] [a,b] count=5 loud=1 name=Ann\n");
  EXPECT_EQ(RunProbe({"show", "--loud", "--noloud", "--name="}).output,
            "[show] [] count=3 loud=0 name=\n");
  EXPECT_EQ(RunProbe({"--loud=false", "--name=a=b"}).output,
            "[] [] count=3 loud=0 name=a=b\n");
}

TEST(MainTest, TwoDashesEndTheFlags) {
  EXPECT_EQ(RunProbe({"show", "--", "--count=9", "-x"}).output,
            "[show] [--count=9,-x] count=3 loud=0 name=nobody\n");
}

TEST(MainTest, ANegativeNumberIsAValueAndADashAnArgument) {
  EXPECT_EQ(RunProbe({"show", "--count", "-7", "-"}).output,
            "[show] [-] count=-7 loud=0 name=nobody\n");
}

TEST(MainTest, AnUnknownFlagIsOneSentenceAndExitTwo) {
  for (const char* flag : {"--cuont=5", "--cuont", "--nocount", "-c"}) {
    const ProcessResult result = RunProbe({"show", flag});
    EXPECT_EQ(result.exit_code, kExitUsage) << flag;
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("error: unknown flag -"), HasSubstr("--help"),
                      Not(HasSubstr("count=3"))));
  }
}

TEST(MainTest, ABadValueNamesTheFlagAndTheValue) {
  const ProcessResult result = RunProbe({"--count=many"});
  EXPECT_EQ(result.exit_code, kExitUsage);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("--count"), HasSubstr("\"many\"")));
}

TEST(MainTest, AFlagWithoutItsValueIsAUsageError) {
  const ProcessResult result = RunProbe({"show", "--name"});
  EXPECT_EQ(result.exit_code, kExitUsage);
  EXPECT_THAT(result.output, HasSubstr("--name needs a value"));
}

TEST(MainTest, HelpShowsExamplesAndOurFlagsWithDefaults) {
  const ProcessResult result = RunProbe({"show", "--help"});
  EXPECT_EQ(result.exit_code, kExitDone);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("Example: main_probe show"),
                    HasSubstr("--count (default: 3)"), HasSubstr("How many."),
                    Not(HasSubstr("--flagfile")), Not(HasSubstr("--undefok"))));
}

TEST(MainTest, AFailureIsOneSentenceAndExitOne) {
  const ProcessResult result = RunProbe({"fail"});
  EXPECT_EQ(result.exit_code, kExitFailed);
  EXPECT_EQ(result.output, "error: no store at /x\n");
}

}  // namespace
}  // namespace verso
