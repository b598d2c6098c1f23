#include "common/base/progress.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace verso {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(ProgressLineTest, ShowsTheFirstLineAndDropsTheNextAtOnce) {
  CaptureStderr();
  ProgressLine line(absl::Hours(1));
  line.Update("1 of 3");
  line.Update("2 of 3");
  line.Finish("3 of 3");
  line.Update("anew");
  EXPECT_EQ(GetCapturedStderr(), "1 of 3\n3 of 3\nanew\n");
}

TEST(ProgressLineTest, ShowsEveryLineWithoutAnInterval) {
  CaptureStderr();
  ProgressLine line(absl::ZeroDuration());
  line.Update("a");
  line.Update("b");
  EXPECT_EQ(GetCapturedStderr(), "a\nb\n");
}

TEST(HumanDurationTest, NamesTwoUnitsAtMost) {
  EXPECT_EQ(HumanDuration(absl::Seconds(12.7)), "12 s");
  EXPECT_EQ(HumanDuration(absl::Seconds(185)), "3 min 05 s");
  EXPECT_EQ(HumanDuration(absl::Minutes(130)), "2 h 10 min");
}

TEST(FormatTimeLeftTest, IsUnknownUntilSomethingIsDone) {
  const absl::Time start = absl::Now() - absl::Hours(1);
  EXPECT_EQ(FormatTimeLeft(0, 10, start), "?");
  EXPECT_EQ(FormatTimeLeft(10, 10, start), "0 s");
  EXPECT_EQ(FormatTimeLeft(1, 3, start), "2 h 00 min");
}

}  // namespace
}  // namespace verso
