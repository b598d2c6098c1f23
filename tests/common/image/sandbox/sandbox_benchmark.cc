// What the sandbox costs: each file is examined and decoded in this process
// and in a decoder, in turns, and the processor time of an image is printed.
//   bazel run //tests/common/image/sandbox:sandbox_benchmark [FILE...]
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/perceptual_hash.h"
#include "common/image/sandbox/image_sandbox.h"
#include "tests/common/image/sandbox/decoders_of.h"
#include "tests/common/image/test_pictures.h"

namespace verso {
namespace {

double Milliseconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return absl::ToDoubleMilliseconds(absl::DurationFromTimespec(now));
}

// Processor time of this process and its decoder: what other programs on the
// machine take is not counted.
double Used() {
  double used = Milliseconds(CLOCK_PROCESS_CPUTIME_ID);
  for (const pid_t decoder : testing::DecodersOf(getpid())) {
    clockid_t clock;
    if (clock_getcpuclockid(decoder, &clock) == 0) used += Milliseconds(clock);
  }
  return used;
}

double MillisecondsPerImage(const std::function<bool()>& work) {
  constexpr int kImages = 20;
  const double start = Used();
  for (int i = 0; i < kImages; ++i) {
    if (!work()) absl::FPrintF(stderr, "an image was refused\n");
  }
  return (Used() - start) / kImages;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Compare(const std::string& name, const std::string& bytes,
             ImageSandbox& sandbox) {
  const std::function<bool()> ways[] = {
      [&] {
        const absl::StatusOr<Image> image = DecodeImage(bytes);
        return image.ok() && !PerceptualHash(*image).empty();
      },
      [&] { return sandbox.Examine(bytes).ok(); },
      [&] { return DecodeImage(bytes).ok(); },
      [&] { return sandbox.Decode(bytes).ok(); },
  };
  constexpr int kRounds = 5;
  std::vector<double> times[std::size(ways)];
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < std::size(ways); ++i) {
      times[i].push_back(MillisecondsPerImage(ways[i]));
    }
  }
  absl::PrintF(
      "%-28s %8d B  examine %7.3f -> %7.3f ms  decode %7.3f -> %7.3f "
      "ms\n",
      name, bytes.size(), Median(times[0]), Median(times[1]), Median(times[2]),
      Median(times[3]));
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  const auto sandbox = ImageSandbox::Create({.decoders = 1});
  if (!sandbox.ok()) {
    absl::FPrintF(stderr, "%s\n", sandbox.status().message());
    return 1;
  }
  absl::PrintF("start of a decoder and its test: %.1f ms\n", Used());
  for (const int side : {64, 224, 512, 1024, 2048}) {
    const Image image = testing::Painting(side, side);
    const std::string size = absl::StrCat(" ", side, "x", side);
    Compare("jpeg" + size, EncodeJpeg(image, 90).value(), **sandbox);
    Compare("png" + size, EncodePng(image).value(), **sandbox);
    Compare("webp" + size, EncodeWebp(image, 90).value(), **sandbox);
  }
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    Compare(argv[i],
            std::string(std::istreambuf_iterator<char>(file),
                        std::istreambuf_iterator<char>()),
            **sandbox);
  }
  return 0;
}

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  verso::ImageSandboxMain(argc, argv);
  return verso::Main(argc, argv);
}
