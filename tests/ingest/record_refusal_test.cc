// Under which reason a fetched picture is refused.
#include <string>

#include "common/image/encode.h"
#include "gtest/gtest.h"
#include "ingest/record_completer.h"
#include "ingest/scraper.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)

class RecordRefusalTest : public ::testing::Test {
 protected:
  absl::Status Complete(const std::string& bytes) {
    record_.set_image(bytes);
    return CompleteRecord(HttpHead(), absl::Now(), ThisWorker(), *images_,
                          record_);
  }
  std::string ReasonOf(const std::string& bytes) {
    return RefusalReason(Complete(bytes));
  }

  const std::unique_ptr<ImageSandbox> images_ =
      ImageSandbox::Create({.decoders = 1}).value();
  const std::string good_ = EncodePng(Painting(40, 30)).value();
  Record record_;
};

TEST_F(RecordRefusalTest, AGoodPictureIsMeasured) {
  ASSERT_OK(Complete(good_));
  EXPECT_EQ(record_.provenance().width(), 40);
  EXPECT_EQ(record_.provenance().format(), "png");
  EXPECT_EQ(record_.provenance().perceptual_hash().size(), 16u);
}

TEST_F(RecordRefusalTest, WhatIsNoImageSaysSo) {
  EXPECT_EQ(ReasonOf("<html>busy</html>"), "html");
  EXPECT_EQ(ReasonOf("%PDF-1.7"), "not an image");
}

TEST_F(RecordRefusalTest, HalfAPictureIsTruncated) {
  EXPECT_EQ(ReasonOf(good_.substr(0, good_.size() / 2)), "truncated");
}

TEST_F(RecordRefusalTest, AnAnimationIsRefusedAsOne) {
  EXPECT_EQ(ReasonOf(MakeGif(4, 4, "ab")), "animated");
}

TEST_F(RecordRefusalTest, ABombIsRefusedWithTheFlagThatWouldTakeIt) {
  const absl::Status status = Complete(MakePng(50000, 50000, 1, 0, ""));
  EXPECT_EQ(RefusalReason(status), "too many pixels");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               ::testing::HasSubstr("--max_pixels")));
}

TEST_F(RecordRefusalTest, WhatTakesItsDecoderTooLongIsRefusedAndNoOther) {
  EXPECT_EQ(ReasonOf(MakeJpegOfManyScans(8192, 5888, 14)), "decoder time");
  EXPECT_OK(Complete(good_));
}

}  // namespace
}  // namespace verso
