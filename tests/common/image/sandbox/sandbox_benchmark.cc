// What the sandbox costs: each file is examined and decoded in this process
// and in a decoder, in turns, and the shortest times are printed.
//   bazel run //tests/common/image/sandbox:sandbox_benchmark [FILE...]
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/perceptual_hash.h"
#include "common/image/sandbox/image_sandbox.h"
#include "tests/common/image/test_pictures.h"

namespace verso {
namespace {

double Milliseconds(const std::function<bool()>& work) {
  const absl::Time start = absl::Now();
  if (!work()) absl::FPrintF(stderr, "an image was refused\n");
  return absl::ToDoubleMilliseconds(absl::Now() - start);
}

// The least of them: what other programs on the machine took is not counted.
double Least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
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
  constexpr int kRounds = 51;
  std::vector<double> times[std::size(ways)];
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < std::size(ways); ++i) {
      times[i].push_back(Milliseconds(ways[i]));
    }
  }
  absl::PrintF(
      "%-28s %8d B  examine %7.3f -> %7.3f ms  decode %7.3f -> %7.3f "
      "ms\n",
      name, bytes.size(), Least(times[0]), Least(times[1]), Least(times[2]),
      Least(times[3]));
}

int Main(int argc, char** argv) {
  const absl::Time start = absl::Now();
  const auto sandbox = ImageSandbox::Create({.decoders = 1});
  if (!sandbox.ok()) {
    absl::FPrintF(stderr, "%s\n", sandbox.status().message());
    return 1;
  }
  absl::PrintF("start of a decoder and its test: %.1f ms\n",
               absl::ToDoubleMilliseconds(absl::Now() - start));
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
