#include "common/image/sandbox/image_sandbox.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <turbojpeg.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/perceptual_hash.h"
#include "gtest/gtest.h"
#include "tests/common/image/sandbox/decoders_of.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string TurboJpeg(const Image& image, TJPF format, TJSAMP sampling,
                      int flags) {
  tjhandle turbo = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int)
  const int width = format == TJPF_CMYK ? image.width * 3 / 4 : image.width;
  tjCompress2(turbo, image.rgb.data(), width, 0, image.height, format, &jpeg,
              &size, sampling, 90, flags);
  const std::string bytes(reinterpret_cast<char*>(jpeg), size);
  tjFree(jpeg);
  tjDestroy(turbo);
  return bytes;
}

std::string WithProfile(const std::string& jpeg) {
  return WithJpegSegment(
      jpeg, 0xe2,
      std::string("ICC_PROFILE\0\1\1", 14) + SwappedProfile("Swapped"));
}

// Every way through the decoder, wide enough for what starts threads in some
// libraries.
std::map<std::string, std::string> Files() {
  const Image image = Painting(640, 400);
  const std::string jpeg = EncodeJpeg(image, 90).value();
  const std::string webp = EncodeWebp(image, 90).value();
  const std::string samples = std::string(640 * 8 * 8, '\x5a');
  std::map<std::string, std::string> files = {
      {"jpeg", jpeg},
      {"jpeg 4:2:0", EncodeJpeg(image, 90, ChromaSubsampling::k420).value()},
      {"jpeg progressive",
       TurboJpeg(image, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE)},
      {"jpeg grey", TurboJpeg(image, TJPF_RGB, TJSAMP_GRAY, 0)},
      {"jpeg CMYK", TurboJpeg(image, TJPF_CMYK, TJSAMP_444, 0)},
      {"jpeg profile", WithProfile(jpeg)},
      {"png", EncodePng(image).value()},
      {"png 16-bit alpha", MakePng(640, 8, 16, 6, samples)},
      {"png 16-bit grey", MakePng(640, 32, 16, 0, samples)},
      {"png grey and alpha", MakePng(640, 32, 8, 4, samples)},
      {"png interlaced", MakeInterlacedPng(640, 400)},
      {"webp", webp},
      {"webp profile",
       MakeWebp(absl::StrCat(
           WebpChunk("VP8X",
                     absl::StrCat(BigEndian(0x20000000, 4),
                                  LittleEndian(639, 3), LittleEndian(399, 3))),
           WebpChunk("ICCP", SwappedProfile("Swapped")), webp.substr(12)))},
      {"gif", MakeGif(640, 40, "7")},
  };
  for (int orientation = 2; orientation <= 8; ++orientation) {
    files[absl::StrCat("jpeg turned ", orientation)] = WithJpegSegment(
        jpeg, 0xe1, std::string("Exif\0\0", 6) + MakeExif(orientation));
  }
  return files;
}

std::unique_ptr<ImageSandbox> OneDecoder() {
  return ImageSandbox::Create({.decoders = 1}).value();
}

TEST(ImageSandboxTest, GivesTheSamePixelsAsInThisProcess) {
  const auto sandbox = OneDecoder();
  for (const auto& [name, bytes] : Files()) {
    const auto here = DecodeImage(bytes);
    const auto there = sandbox->Decode(bytes);
    ASSERT_TRUE(here.ok()) << name << ": " << here.status();
    ASSERT_TRUE(there.ok()) << name << ": " << there.status();
    EXPECT_EQ(MaxDifference(*here, *there), 0) << name;
  }
}

TEST(ImageSandboxTest, GivesTheSameHashAndProbeAsInThisProcess) {
  const auto sandbox = OneDecoder();
  for (const auto& [name, bytes] : Files()) {
    const auto seen = sandbox->Examine(bytes);
    ASSERT_TRUE(seen.ok()) << name << ": " << seen.status();
    EXPECT_EQ(seen->perceptual_hash, PerceptualHash(*DecodeImage(bytes)))
        << name;
    EXPECT_EQ(seen->probe.format, name.substr(0, name.find(' ')));
    EXPECT_EQ(seen->probe.width, ProbeImage(bytes)->width);
  }
}

TEST(ImageSandboxTest, OneDecoderOfOneThreadDoesItAll) {
  const auto sandbox = OneDecoder();
  const std::vector<pid_t> before = DecodersOf(getpid());
  ASSERT_THAT(before, SizeIs(1));
  EXPECT_EQ(ThreadsOf(before[0]), 1);
  for (const auto& [name, bytes] : Files()) EXPECT_OK(sandbox->Examine(bytes));
  EXPECT_EQ(DecodersOf(getpid()), before);
  EXPECT_EQ(ThreadsOf(before[0]), 1);
}

TEST(ImageSandboxTest, RefusesTruncatedImages) {
  const auto sandbox = OneDecoder();
  const std::string jpeg = EncodeJpeg(Painting(100, 80), 90).value();
  const std::string half = jpeg.substr(0, jpeg.size() / 2);
  EXPECT_THAT(sandbox->Examine(half), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sandbox->Decode(half), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ImageSandboxTest, RefusesWhatTheHeaderTells) {
  const auto sandbox = OneDecoder();
  EXPECT_THAT(sandbox->Examine("<html>"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HTML")));
  EXPECT_THAT(
      sandbox->Examine(MakeGif(4, 4, "ab")),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("animated")));
  EXPECT_THAT(
      sandbox->Decode(MakePng(8000, 8000, 1, 0, "")),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("8000x8000")));
}

TEST(ImageSandboxTest, ByTheHeaderAloneThereIsNoDecoderAndNoHash) {
  const auto images = ImageSandbox::Create({.header_only = true}).value();
  EXPECT_EQ(images->decoders(), 0);
  const std::string jpeg = EncodeJpeg(Painting(400, 300), 90).value();
  const auto examined = images->Examine(jpeg);
  ASSERT_OK(examined);
  EXPECT_EQ(examined->probe.width, 400);
  EXPECT_EQ(examined->perceptual_hash, "");
  EXPECT_OK(images->Examine(jpeg.substr(0, jpeg.size() / 2)));
  EXPECT_FALSE(images->Examine(MakePng(50000, 50000, 1, 0, "")).ok());
}

TEST(ImageSandboxTest, TakesMorePixelsWhenAskedTo) {
  ASSERT_OK_AND_ASSIGN(
      const auto sandbox,
      ImageSandbox::Create(
          {.limits = LimitsForPixels(100'000'000), .decoders = 1}));
  const std::string png =
      MakePng(20000, 3000, 1, 0, std::string(20000 / 8 * 3000, '\0'));
  EXPECT_OK(sandbox->Examine(png));
  EXPECT_THAT(OneDecoder()->Examine(png),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ImageSandboxTest, RefusesOptionsOutOfRange) {
  EXPECT_THAT(ImageSandbox::Create({.limits = {.max_pixels = 0}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ImageSandbox::Create({.decoders = -1}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ImageSandboxTest, ManyThreadsShareTwoDecoders) {
  ASSERT_OK_AND_ASSIGN(const auto sandbox,
                       ImageSandbox::Create({.decoders = 2}));
  const std::string good = EncodePng(Painting(64, 64)).value();
  const std::string bad = good.substr(0, good.size() / 2);
  std::vector<std::thread> threads;
  std::vector<int> decoded(6);
  for (int& count : decoded) {
    threads.emplace_back([&sandbox, &good, &bad, &count] {
      for (int i = 0; i < 10; ++i) {
        count += sandbox->Examine(good).ok() ? 1 : 0;
        count += sandbox->Examine(bad).ok() ? 100 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(decoded, ElementsAre(10, 10, 10, 10, 10, 10));
  EXPECT_LE(DecodersOf(getpid()).size(), 2u);
}

TEST(ImageSandboxTest, ADecoderThatWasKilledIsReplaced) {
  const auto sandbox = OneDecoder();
  const std::string good = EncodePng(Painting(64, 64)).value();
  for (const int number : {SIGKILL, SIGSEGV, SIGBUS}) {
    const std::vector<pid_t> decoders = DecodersOf(getpid());
    ASSERT_THAT(decoders, SizeIs(1));
    kill(decoders[0], number);
    AwaitEnd(decoders[0]);
    EXPECT_OK(sandbox->Examine(good));
    EXPECT_NE(DecodersOf(getpid()), decoders);
  }
}

TEST(ImageSandboxTest, StopSignalsDoNotReachADecoder) {
  const auto sandbox = OneDecoder();
  const std::vector<pid_t> decoders = DecodersOf(getpid());
  ASSERT_THAT(decoders, SizeIs(1));
  EXPECT_NE(getpgid(decoders[0]), getpgid(0));
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    kill(decoders[0], number);
    EXPECT_OK(sandbox->Examine(EncodePng(Painting(8, 8)).value()));
  }
  EXPECT_EQ(DecodersOf(getpid()), decoders);
}

TEST(ImageSandboxTest, LeavesNoProcessBehind) {
  OneDecoder();
  EXPECT_THAT(DecodersOf(getpid()), SizeIs(0));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace verso
