// Files made to hurt: bombs of pixels, scans, frames and metadata, foreign and
// double formats, cut and mutated files. Each ends with a status, the memory of
// this process hardly grows, and the next good picture is decoded.
// VERSO_TEST_SIZE=full mutates 10,000 files.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/sandbox/image_sandbox.h"
#include "gtest/gtest.h"
#include "tests/common/image/sandbox/decoders_of.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

constexpr int64_t kMaxGrowth = int64_t{64} << 20;
constexpr char kXxe[] =
    "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM "
    "'file:///etc/passwd'>]><svg><text>&x;</text></svg>";

// The most memory that this process has had since ForgetPeak().
int64_t PeakBytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  int64_t kilobytes = 0;
  while (status >> word && word != "VmHWM:") {
  }
  status >> kilobytes;
  return kilobytes << 10;
}
void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << 5; }

class HostileImagesTest : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_OK(sandbox_->Examine(good_));
    EXPECT_EQ(DecodersOf(getpid()).size(), 1u);
  }

  // Also checks that this process takes little memory for it.
  absl::StatusOr<ExaminedImage> Examine(const std::string& file) {
    ForgetPeak();
    const int64_t before = PeakBytes();
    absl::StatusOr<ExaminedImage> examined = sandbox_->Examine(file);
    EXPECT_LE(PeakBytes() - before, kMaxGrowth);
    return examined;
  }

  const std::unique_ptr<ImageSandbox> sandbox_ =
      ImageSandbox::Create({.decoders = 1}).value();
  const std::string good_ = EncodePng(Painting(40, 30)).value();
};

// Small files of every format, with metadata.
std::vector<std::string> SmallFiles() {
  const Image image = Painting(60, 40);
  const std::string exif = MakeExif(3, "Program 1.0");
  std::string jpeg = EncodeJpeg(image, 85).value();
  jpeg = WithJpegSegment(jpeg, 0xe1, std::string("Exif\0\0", 6) + exif);
  jpeg = WithJpegSegment(
      jpeg, 0xe2,
      std::string("ICC_PROFILE\0\1\1", 14) + SwappedProfile("Swapped"));
  return {jpeg,
          EncodePng(image).value(),
          EncodeWebp(image, 85).value(),
          MakeGif(60, 40, "a"),
          MakeJpegOfManyScans(64, 64, 2),
          MakeInterlacedPng(64, 64)};
}

TEST_F(HostileImagesTest, PixelBombsAreRefusedByTheirHeaders) {
  for (const std::string& bomb :
       {MakePng(50000, 50000, 1, 0, ""), MakePng(50001, 1, 1, 0, ""),
        MakeInterlacedPng(30000, 30000),
        MakeWebp(WebpChunk("VP8L", std::string("\x2f\xff\xff\xff\x0f", 5))),
        MakeJpegOfManyScans(60000, 60000, 1).substr(0, 400)}) {
    EXPECT_THAT(Examine(bomb), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("the limits are")));
  }
}

TEST_F(HostileImagesTest, ManyFramesAreRefusedByTheirHeaders) {
  std::string chunks = WebpChunk("VP8X", std::string(10, '\0'));
  for (int i = 0; i < 100'000; ++i) {
    absl::StrAppend(&chunks, WebpChunk("ANMF", "x"));
  }
  const std::string apng = MakePng(
      1, 1, 8, 0, "a", PngChunk("acTL", BigEndian(100'000, 4) + "0000"));
  for (const std::string& bomb :
       {MakeGif(1, 1, std::string(100'000, 'a')), MakeWebp(chunks), apng}) {
    EXPECT_THAT(Examine(bomb), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("animated (100000 frames)")));
  }
}

TEST_F(HostileImagesTest, AJpegOfHundredsOfScansIsRefused) {
  const std::string bomb = MakeJpegOfManyScans(8192, 5888, 14);
  EXPECT_LT(bomb.size(), 400'000u);
  EXPECT_THAT(Examine(bomb), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(HostileImagesTest, AnInterlacedBombWithinTheLimitsIsContained) {
  const absl::Status status = Examine(MakeInterlacedPng(7000, 7000)).status();
  EXPECT_TRUE(status.ok() || absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(HostileImagesTest, HugeMetadataIsContained) {
  const std::string huge(16 << 20, 'x');
  const std::string plain = EncodeJpeg(Painting(40, 30), 90).value();
  std::string jpeg = plain.substr(0, 2);
  for (int i = 1; i <= 255; ++i) {
    const std::string part =
        absl::StrCat(std::string("ICC_PROFILE\0", 12), BigEndian(i, 1), "\xff",
                     huge.substr(0, 65000));
    absl::StrAppend(&jpeg, WithJpegSegment("", 0xe2, part));
  }
  jpeg += plain.substr(2);
  const std::string exif = MakeExif(6) + huge;
  EXPECT_OK(Examine(jpeg));
  for (const std::string& file :
       {MakePng(1, 1, 8, 0, "a", PngChunk("eXIf", exif)),
        MakePng(1, 1, 8, 0, "a", PngChunk("iCCP", huge)),
        MakePng(1, 1, 8, 0, "a", PngChunk("tEXt", huge))}) {
    const absl::Status status = Examine(file).status();
    EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
  }
}

TEST_F(HostileImagesTest, ForeignFormatsAreRefused) {
  for (const std::string& foreign :
       {std::string(kXxe), std::string("<svg onload='alert(1)'/>"),
        std::string("%PDF-1.7"), std::string("PK\3\4"), std::string("BM1234"),
        std::string("II*\0", 4), std::string("#!/bin/sh\n"),
        std::string("P6 1 1 255\nabc"), std::string("push graphic-context"),
        std::string()}) {
    EXPECT_THAT(Examine(foreign), StatusIs(absl::StatusCode::kInvalidArgument))
        << foreign;
  }
}

TEST_F(HostileImagesTest, APolyglotIsWhatItsFirstBytesSay) {
  for (const char* tail : {"<script>alert(1)</script>", "PK\3\4", "<?php ?>"}) {
    const auto seen = Examine(good_ + tail);
    ASSERT_TRUE(seen.ok()) << seen.status();
    EXPECT_EQ(seen->probe.format, "png");
    EXPECT_THAT(Examine(tail + good_),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(HostileImagesTest, CutFilesAreRefusedWhereverTheyEnd) {
  constexpr int kCuts = 1000;
  const std::vector<std::string> files = SmallFiles();
  for (int i = 0; i < kCuts; ++i) {
    const std::string& file = files[i % files.size()];
    const size_t size = file.size() * (i / files.size()) * files.size() / kCuts;
    EXPECT_FALSE(Examine(file.substr(0, size)).ok())
        << "file " << i % files.size() << " cut to " << size << " of "
        << file.size();
  }
}

TEST_F(HostileImagesTest, MutatedFilesEndWithAStatus) {
  const char* size = std::getenv("VERSO_TEST_SIZE");
  const bool is_full = size != nullptr && std::strcmp(size, "full") == 0;
  const int mutants = is_full ? 10'000 : 500;
  const std::vector<std::string> files = SmallFiles();
  std::mt19937 random(11);
  std::map<absl::StatusCode, int> ends;
  for (int i = 0; i < mutants; ++i) {
    std::string file = files[i % files.size()];
    for (int n = 1 + random() % 8; n > 0; --n) {
      file[random() % file.size()] = static_cast<char>(random());
    }
    ++ends[Examine(file).status().code()];
  }
  EXPECT_GT(ends[absl::StatusCode::kOk], 0);
  EXPECT_GT(ends[absl::StatusCode::kDataLoss], 0);
  for (const auto& [code, count] : ends) {
    EXPECT_NE(code, absl::StatusCode::kUnavailable) << count;
    RecordProperty(absl::StatusCodeToString(code), count);
  }
}

}  // namespace
}  // namespace verso
