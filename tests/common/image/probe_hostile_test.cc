// Mutated and cut files: the probes answer or refuse, and never crash, loop or
// read past the end (each input lies at the very end of its own allocation).
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/probe.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)

// One file per format with all the metadata that the probes read.
std::vector<std::string> RichFiles() {
  const std::string exif =
      MakeExif(3, "Program 1.0", UnicodeComment("cat, Steps: 20"));
  const std::string profile = SwappedProfile("Display P3");
  const std::string xmp = "<x DigitalSourceType='http://x/y'/>";
  std::string jpeg = EncodeJpeg(Painting(24, 24), 80).value();
  jpeg = WithJpegSegment(jpeg, 0xe1, std::string("Exif\0\0", 6) + exif);
  const std::string camera = MakeCameraExif("NIKON", "D90", "2019:05:01");
  jpeg = WithJpegSegment(jpeg, 0xe1, std::string("Exif\0\0", 6) + camera);
  jpeg = WithJpegSegment(jpeg, 0xeb, std::string("JP\0\0", 4) + "c2pa");
  jpeg = WithJpegSegment(jpeg, 0xe2,
                         std::string("ICC_PROFILE\0\1\1", 14) + profile);
  const std::string chunks = absl::StrCat(
      PngChunk("tEXt", std::string("parameters\0cat\nSteps: 2, Size: 1x1, "
                                   "Model: \"a\\\"b\", Seed: 1",
                                   58)),
      PngChunk("tEXt", std::string("workflow\0{\"1\":{\"class_type\":\"K\","
                                   "\"inputs\":{\"steps\":1,\"seed\":1}}}",
                                   63)),
      PngChunk("caBX",
               "http://cv.iptc.org/newscodes/digitalsourcetype/digitalArt"),
      PngChunk("zTXt", std::string("prompt\0\0\x78\x9c\x03\0\0\0\0\1", 16)),
      PngChunk("iTXt", std::string("prompt\0\1\0\0\0\x78\x9c", 13)),
      PngChunk("iCCP", std::string("name\0\0\x78\x9c\x03\0\0\0\0\1", 14)),
      PngChunk("eXIf", exif), PngChunk("acTL", BigEndian(1, 4)));
  const std::string png = MakePng(2, 2, 8, 0, "abcd", chunks);
  const std::string frame = EncodeWebp(Painting(24, 24), 80).value().substr(12);
  const std::string webp =
      MakeWebp(absl::StrCat(WebpChunk("ICCP", profile), frame,
                            WebpChunk("EXIF", exif), WebpChunk("XMP ", xmp)));
  return {jpeg, png, webp, MakeGif(24, 24, "ab")};
}

void Probe(const std::string& bytes) {
  const std::unique_ptr<char[]> exact(new char[bytes.size()]);
  std::memcpy(exact.get(), bytes.data(), bytes.size());
  const auto probe = ProbeImage(absl::string_view(exact.get(), bytes.size()));
  if (!probe.ok()) {
    EXPECT_FALSE(probe.status().message().empty());
    return;
  }
  EXPECT_GE(probe->width, 1);
  EXPECT_GE(probe->height, 1);
  EXPECT_GE(probe->frames, 1);
  EXPECT_TRUE(probe->orientation >= 1 && probe->orientation <= 8);
}

TEST(ProbeHostileTest, SurvivesEveryPrefix) {
  for (const std::string& file : RichFiles()) {
    for (size_t size = 0; size < file.size(); ++size) {
      Probe(file.substr(0, size));
    }
  }
}

TEST(ProbeHostileTest, SurvivesMutatedBytes) {
  constexpr int kMutants = 2000;
  constexpr uint8_t kEdges[] = {0, 1, 0x7f, 0x80, 0xff};
  std::mt19937 random(7);
  for (const std::string& file : RichFiles()) {
    for (int mutant = 0; mutant < kMutants; ++mutant) {
      std::string bytes = file;
      for (int i = 1 + random() % 6; i > 0; --i) {
        const bool edge = random() % 2 == 0;
        bytes[random() % bytes.size()] = static_cast<char>(
            edge ? kEdges[random() % std::size(kEdges)] : random());
      }
      Probe(bytes);
    }
  }
}

TEST(ProbeHostileTest, SurvivesRunsThatAreCopiedOrRemoved) {
  std::mt19937 random(8);
  for (const std::string& file : RichFiles()) {
    for (int mutant = 0; mutant < 500; ++mutant) {
      std::string bytes = file;
      const size_t from = random() % file.size();
      const std::string run = file.substr(from, random() % 64);
      const size_t to = random() % bytes.size();
      random() % 2 == 0 ? bytes.insert(to, run)
                        : bytes.erase(to, random() % 64);
      Probe(bytes);
    }
  }
}

TEST(ProbeHostileTest, ATextBombStaysSmall) {
  // 64 MiB of zeros pack into 64 KiB.
  const std::string bomb = EncodePng(Flat(4096, 4096, 0, 0, 0)).value();
  const size_t data = bomb.find("IDAT") + 4;
  const std::string packed = bomb.substr(data, bomb.size() - data);
  const std::string png = MakePng(
      1, 1, 8, 0, "a",
      PngChunk("zTXt", absl::StrCat("prompt", std::string(2, '\0'), packed)));
  const auto probe = ProbeImage(png);
  ASSERT_TRUE(probe.ok());
  EXPECT_LE(probe->claims.generation_parameters().size(), 64u << 10);
}

}  // namespace
}  // namespace verso
