#include "common/image/probe.h"

#include "absl/strings/str_cat.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

std::string Jpeg(const Image& image, int quality = 90) {
  return EncodeJpeg(image, quality).value();
}

std::string GreyPng(absl::string_view chunks) {
  return MakePng(2, 1, 8, 0, "\x40\x80", chunks);
}

TEST(ProbeTest, ReadsTheSizeOfEveryFormat) {
  const Image image = Painting(37, 21);
  const std::string gif = MakeGif(37, 21, "\x20");
  for (const auto& [format, bytes] : std::map<std::string, std::string>{
           {"jpeg", Jpeg(image)},
           {"png", EncodePng(image).value()},
           {"webp", EncodeWebp(image, 80).value()},
           {"gif", gif}}) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(bytes));
    EXPECT_EQ(probe.format, format);
    EXPECT_EQ(probe.width, 37) << format;
    EXPECT_EQ(probe.height, 21) << format;
    EXPECT_EQ(probe.frames, 1) << format;
    EXPECT_EQ(probe.orientation, 1) << format;
    EXPECT_EQ(probe.color_profile, "") << format;
  }
}

TEST(ProbeTest, SaysWhatAnotherFileLooksLike) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "nothing"},
      {"<!DOCTYPE html><html>", "an HTML page"},
      {"\n\n <html>", "an HTML page"},
      {"{\"error\": 1}", "JSON text"},
      {std::string("II*\0\1\2\3\4", 8), "a TIFF image"},
      {std::string("\0\0\0\x1c"
                   "ftypavif",
                   12),
       "an AVIF"},
      {"%PDF-1.4", "a PDF"},
      {std::string("RIFF\4\0\0\0WAVE", 12), "hex 5249464604000000"},
  };
  for (const auto& [bytes, words] : cases) {
    EXPECT_THAT(ProbeImage(bytes),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  }
}

TEST(ProbeTest, ReadsGeneratorParametersFromEveryPngTextChunk) {
  const std::string parameters = "a cat\nSteps: 20, Sampler: Euler a, Seed: 1";
  const std::string key("parameters\0", 11);
  const std::string chunks[] = {
      PngChunk("tEXt", key + parameters),
      PngChunk("iTXt", key + std::string(4, '\0') + parameters),
  };
  for (const std::string& chunk : chunks) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(GreyPng(chunk)));
    EXPECT_EQ(probe.claims.generation_parameters(), parameters);
  }
}

TEST(ProbeTest, ReadsComfyUisPromptWhenThereAreNoParameters) {
  const std::string prompt = PngChunk("tEXt", std::string("prompt\0{}", 9));
  const std::string parameters =
      PngChunk("tEXt", std::string("parameters\0cat", 14));
  ASSERT_OK_AND_ASSIGN(ImageProbe probe, ProbeImage(GreyPng(prompt)));
  EXPECT_EQ(probe.claims.generation_parameters(), "{}");
  ASSERT_OK_AND_ASSIGN(probe, ProbeImage(GreyPng(parameters + prompt)));
  EXPECT_EQ(probe.claims.generation_parameters(), "cat");
}

TEST(ProbeTest, ReadsC2paAndSoftwareOfAPng) {
  const std::string chunks =
      PngChunk("tEXt", std::string("Software\0NovelAI", 16)) +
      PngChunk("caBX", "jumb");
  ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(GreyPng(chunks)));
  EXPECT_EQ(probe.claims.software(), "NovelAI");
  EXPECT_TRUE(probe.claims.c2pa_present());
}

TEST(ProbeTest, ReadsTheDigitalSourceTypeInEveryFormat) {
  const std::string uri =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
  const std::string xmp = absl::StrCat(
      "<rdf:Description Iptc4xmpExt:DigitalSourceType=\"", uri, "\"/>");
  const std::string frame = EncodeWebp(Flat(4, 4, 1, 2, 3), 80).value();
  const std::string files[] = {
      WithJpegSegment(Jpeg(Flat(8, 8, 1, 2, 3)), 0xe1,
                      absl::StrCat("http://ns.adobe.com/xap/1.0/",
                                   std::string(1, '\0'), xmp)),
      GreyPng(PngChunk("iTXt", absl::StrCat("XML:com.adobe.xmp",
                                            std::string(5, '\0'), xmp))),
      MakeWebp(absl::StrCat(frame.substr(12), WebpChunk("XMP ", xmp))),
  };
  for (const std::string& file : files) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(file));
    EXPECT_EQ(probe.claims.digital_source_type(), uri) << probe.format;
  }
}

TEST(ProbeTest, ReadsExifInEveryFormat) {
  const std::string text = "a cat, Steps: 20, Sampler: DDIM";
  const std::string exif = MakeExif(6, "Camera 1", UnicodeComment(text));
  const std::string frame = EncodeWebp(Flat(4, 4, 1, 2, 3), 80).value();
  const std::string files[] = {
      WithJpegSegment(Jpeg(Flat(8, 8, 1, 2, 3)), 0xe1,
                      std::string("Exif\0\0", 6) + exif),
      GreyPng(PngChunk("eXIf", exif)),
      MakeWebp(absl::StrCat(frame.substr(12), WebpChunk("EXIF", exif))),
  };
  for (const std::string& file : files) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(file));
    EXPECT_EQ(probe.orientation, 6) << probe.format;
    EXPECT_EQ(probe.claims.software(), "Camera 1") << probe.format;
    EXPECT_EQ(probe.claims.generation_parameters(), text) << probe.format;
  }
}

TEST(ProbeTest, ReadsTheProfileDescriptionInEveryFormat) {
  const std::string profile = SwappedProfile("Adobe RGB (1998)");
  const std::string frame = EncodeWebp(Flat(4, 4, 1, 2, 3), 80).value();
  const std::string part = std::string("ICC_PROFILE\0\1\1", 14) + profile;
  const std::string files[] = {
      WithJpegSegment(Jpeg(Flat(8, 8, 1, 2, 3)), 0xe2, part),
      MakeWebp(absl::StrCat(frame.substr(12), WebpChunk("ICCP", profile))),
  };
  for (const std::string& file : files) {
    ASSERT_OK_AND_ASSIGN(const ImageProbe probe, ProbeImage(file));
    EXPECT_EQ(probe.color_profile, "Adobe RGB (1998)") << probe.format;
  }
}

TEST(ProbeTest, CountsTheFramesOfAnimations) {
  ASSERT_OK_AND_ASSIGN(ImageProbe probe, ProbeImage(MakeGif(2, 2, "abc")));
  EXPECT_EQ(probe.frames, 3);
  const std::string two = BigEndian(2, 4) + BigEndian(0, 4);
  ASSERT_OK_AND_ASSIGN(probe, ProbeImage(GreyPng(PngChunk("acTL", two))));
  EXPECT_EQ(probe.frames, 2);
  const std::string canvas = WebpChunk(
      "VP8X", LittleEndian(2, 4) + LittleEndian(9, 3) + LittleEndian(4, 3));
  const std::string frame = WebpChunk("ANMF", std::string(16, '\0'));
  ASSERT_OK_AND_ASSIGN(probe, ProbeImage(MakeWebp(canvas + frame + frame)));
  EXPECT_EQ(probe.frames, 2);
  EXPECT_EQ(probe.width, 10);
  EXPECT_EQ(probe.height, 5);
}

TEST(ProbeTest, RefusesFilesCutInsideTheirHeaders) {
  const Image image = Painting(16, 16);
  const std::string files[] = {Jpeg(image), EncodePng(image).value(),
                               EncodeWebp(image, 80).value(),
                               MakeGif(16, 16, "a")};
  for (const std::string& file : files) {
    EXPECT_THAT(ProbeImage(file.substr(0, 24)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ProbeTest, RefusesAPictureWithoutPixels) {
  EXPECT_THAT(ProbeImage(MakePng(0, 1, 8, 0, "")),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ProbeImage(MakeGif(4, 4, "")),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ProbeImage(MakeWebp("")), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ProbeImage("\xff\xd8\xff\xd9"),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace verso
