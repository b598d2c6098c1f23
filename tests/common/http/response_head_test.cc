#include "common/http/response_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

using ::testing::HasSubstr;

// The first failure of these lines, each of which gets its end.
absl::Status Read(ResponseHead& head, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const absl::Status status = head.AddLine(line + "\r\n");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Read(const std::vector<std::string>& lines) {
  ResponseHead head("http://a/", 1000);
  return Read(head, lines);
}

TEST(ResponseHeadTest, IsDoneAtTheEmptyLineOfTheFinalHead) {
  ResponseHead head("http://a/", 1000);
  ASSERT_TRUE(Read(head, {"HTTP/1.1 103 Hints", "Link: x", ""}).ok());
  EXPECT_FALSE(head.done());
  ASSERT_TRUE(Read(head, {"HTTP/1.1 200 OK", "A:  b ", "a: c"}).ok());
  EXPECT_FALSE(head.done());
  ASSERT_TRUE(Read(head, {""}).ok());
  EXPECT_TRUE(head.done());
  EXPECT_EQ(head.head().status, 200);
  EXPECT_EQ(head.head().Header("a"), "b\nc");
  EXPECT_EQ(head.head().Header("link"), "") << "of an earlier head";
}

TEST(ResponseHeadTest, TrailersOnlyCount) {
  ResponseHead head("http://a/", 40);
  ASSERT_TRUE(Read(head, {"HTTP/1.1 200 OK", ""}).ok());
  ASSERT_TRUE(Read(head, {"evil: 1"}).ok());
  EXPECT_EQ(head.head().Header("evil"), "");
  EXPECT_TRUE(absl::IsResourceExhausted(Read(head, {"evil: 2", "evil: 3"})));
}

TEST(ResponseHeadTest, CountsTheLinesOfAllHeads) {
  ResponseHead head("http://a/", 1 << 20);
  for (int i = 0; i < ResponseHead::kMaxLines / 2; ++i) {
    ASSERT_TRUE(Read(head, {"HTTP/1.1 100 Continue", ""}).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(Read(head, {"HTTP/1.1 200 OK"})));
}

TEST(ResponseHeadTest, SaysWhoseAnswerItIsAndWhatIsWrong) {
  const absl::Status status = Read({"HTTP/1.1 OK"});
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("http://a/"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("status code"));
}

TEST(ResponseHeadTest, AnEmptyLineIsNoStatusLine) {
  EXPECT_TRUE(absl::IsDataLoss(Read({""})));
}

TEST(ResponseHeadTest, AFoldedLineBehindTheStatusLineBelongsToNothing) {
  ResponseHead head("http://a/", 1000);
  ASSERT_TRUE(Read(head, {"HTTP/1.1 200 OK", " x: y", "a: b", "\tc", ""}).ok());
  EXPECT_EQ(head.head().headers.size(), 1);
  EXPECT_EQ(head.head().Header("a"), "b c");
}

TEST(ResponseHeadTest, ALengthIsOneNumber) {
  for (const char* good : {"0", "5", "005", "5, 5", "5,005"}) {
    EXPECT_TRUE(
        Read({"HTTP/1.1 200 OK", absl::StrCat("Content-Length: ", good), ""})
            .ok())
        << good;
  }
  for (const char* bad : {"", "-1", "+1", "1.0", "0x1", "1 1", "1,", "1,2", ",",
                          "1;2", "9223372036854775808"}) {
    EXPECT_TRUE(absl::IsDataLoss(
        Read({"HTTP/1.1 200 OK", absl::StrCat("Content-Length: ", bad), ""})))
        << bad;
  }
}

}  // namespace
}  // namespace verso
