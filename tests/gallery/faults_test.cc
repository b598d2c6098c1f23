#include "tests/gallery/faults.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

constexpr FaultType kNotFound{FaultKind::kStatus, 404};
constexpr FaultType kServerError{FaultKind::kStatus, 500};
constexpr FaultType kBusy{FaultKind::kRetrySeconds};
constexpr FaultType kPage{FaultKind::kHtml};

FaultInjector Injector(absl::string_view text) {
  return FaultInjector(*ParseFaults(text));
}

TEST(FaultsTest, AFaultIsForWhatItsPathBeginsWith) {
  FaultInjector faults = Injector("/wga/art=404");
  EXPECT_EQ(faults.Take("/wga/art/a.jpg"), kNotFound);
  EXPECT_EQ(faults.Take("/wga/art/b.jpg"), kNotFound);
  EXPECT_EQ(faults.Take("/wga/html/a.html"), std::nullopt);
}

TEST(FaultsTest, ACountEndsAFault) {
  FaultInjector faults = Injector("/a=429:2");
  EXPECT_EQ(faults.Take("/a"), kBusy);
  EXPECT_EQ(faults.Take("/a"), kBusy);
  EXPECT_EQ(faults.Take("/a"), std::nullopt);
}

TEST(FaultsTest, AFaultThatHasEndedLeavesTheNext) {
  FaultInjector faults = Injector("/a=500:1,/a=html:1");
  EXPECT_EQ(faults.Take("/a"), kServerError);
  EXPECT_EQ(faults.Take("/a"), kPage);
  EXPECT_EQ(faults.Take("/a"), std::nullopt);
}

TEST(FaultsTest, SaysWhatIsWrongWithAFault) {
  EXPECT_THAT(ParseFaults("/a=teapot"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("404, 422, 429, 429-bare")));
  EXPECT_FALSE(ParseFaults("a=404").ok());
  EXPECT_FALSE(ParseFaults("/a").ok());
  EXPECT_FALSE(ParseFaults("/a=404:0").ok());
  EXPECT_FALSE(ParseFaults("/a=404:x").ok());
}

TEST(FaultsTest, NoTextIsNoFault) {
  EXPECT_EQ(Injector("").Take("/"), std::nullopt);
}

}  // namespace
}  // namespace verso
