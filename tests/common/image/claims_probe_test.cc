// Real files of every format, as generators, cameras and editors write them.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/probe.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using namespace ::verso::testing;  // NOLINT(google-build-using-namespace)

constexpr char kParameters[] =
    "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, "
    "Seed: 1, Size: 64x64, Model hash: 6ce0, Model: v1-5";
constexpr char kGraph[] =
    R"({"3":{"class_type":"KSampler","inputs":{"seed":5,"steps":9}}})";

std::string Nul(size_t count = 1) { return std::string(count, '\0'); }

std::string Png(absl::string_view chunks) {
  return MakePng(2, 1, 8, 0, "\x40\x80", chunks);
}

std::string Jpeg(uint8_t marker, absl::string_view payload) {
  return WithJpegSegment(EncodeJpeg(Flat(8, 8, 1, 2, 3), 90).value(), marker,
                         payload);
}

std::string Webp(absl::string_view chunks) {
  const std::string whole = EncodeWebp(Flat(4, 4, 1, 2, 3), 80).value();
  return MakeWebp(absl::StrCat(whole.substr(12), chunks));
}

std::string ExifJpeg(absl::string_view exif) {
  return Jpeg(0xe1, absl::StrCat("Exif", Nul(2), exif));
}

EmbeddedClaims ClaimsOf(const std::string& file) {
  const absl::StatusOr<ImageProbe> probe = ProbeImage(file);
  EXPECT_OK(probe);
  return probe.ok() ? probe->claims : EmbeddedClaims();
}

TEST(ClaimsProbeTest, ReadsParametersFieldByFieldOutOfEveryPlace) {
  const std::string key = absl::StrCat("parameters", Nul());
  const std::string exif_be = MakeExif(1, "", UnicodeComment(kParameters));
  const std::string exif_le =
      MakeExif(1, "", UnicodeComment(kParameters, /*big_endian=*/false), true);
  const std::string exif_ascii =
      MakeExif(1, "", absl::StrCat("ASCII", Nul(3), kParameters));
  const std::string files[] = {
      Png(PngChunk("tEXt", absl::StrCat(key, kParameters))),
      Png(PngChunk("iTXt", absl::StrCat(key, Nul(4), kParameters))),
      Png(PngChunk("iTXt",
                   absl::StrCat(key, "\1", Nul(3), Deflate(kParameters)))),
      Png(PngChunk("zTXt", absl::StrCat(key, Nul(), Deflate(kParameters)))),
      Png(PngChunk("eXIf", exif_be)),
      ExifJpeg(exif_be),
      ExifJpeg(exif_le),
      ExifJpeg(exif_ascii),
      Webp(WebpChunk("EXIF", exif_le)),
      Webp(WebpChunk("EXIF", exif_ascii)),
  };
  for (const std::string& file : files) {
    const EmbeddedClaims claims = ClaimsOf(file);
    EXPECT_EQ(claims.generation_parameters(), kParameters);
    EXPECT_EQ(claims.parameters_format(), "a1111");
    EXPECT_EQ(claims.generator().negative_prompt(), "dog");
    EXPECT_EQ(claims.generator().steps(), 20);
    EXPECT_EQ(claims.generator().name(), "v1-5");
    EXPECT_EQ(claims.generated_width(), 64);
  }
}

TEST(ClaimsProbeTest, ReadsComfyUisGraphs) {
  const std::string make = absl::StrCat("workflow:", "{\"nodes\":[]}");
  const std::string model = absl::StrCat("prompt:", kGraph);
  const std::string files[] = {
      Png(PngChunk("tEXt", absl::StrCat("prompt", Nul(), kGraph))),
      Webp(WebpChunk("EXIF", MakeCameraExif(make, model, ""))),
  };
  for (const std::string& file : files) {
    const EmbeddedClaims claims = ClaimsOf(file);
    EXPECT_EQ(claims.generation_parameters(), kGraph);
    EXPECT_EQ(claims.parameters_format(), "comfyui");
    EXPECT_EQ(claims.generator().seed(), "5");
    EXPECT_EQ(claims.camera(), "");
  }
}

TEST(ClaimsProbeTest, AGraphLongerThanWhatIsKeptIsReadBeforeItIsCut) {
  const std::string graph = absl::StrCat(
      R"({"1":{"class_type":"Note","inputs":{"text":")",
      std::string(300'000, 'x'), "\"}},", absl::string_view(kGraph).substr(1));
  const EmbeddedClaims claims =
      ClaimsOf(Png(PngChunk("tEXt", absl::StrCat("prompt", Nul(), graph))));
  EXPECT_EQ(claims.generator().steps(), 9);
  EXPECT_LE(claims.generation_parameters().size(), 64u << 10);
}

TEST(ClaimsProbeTest, ParametersCountMoreThanAGraphInEitherOrder) {
  const std::string graph =
      PngChunk("tEXt", absl::StrCat("prompt", Nul(), kGraph));
  const std::string parameters =
      PngChunk("tEXt", absl::StrCat("parameters", Nul(), kParameters));
  for (const std::string& chunks : {graph + parameters, parameters + graph}) {
    const EmbeddedClaims claims = ClaimsOf(Png(chunks));
    EXPECT_EQ(claims.parameters_format(), "a1111");
    EXPECT_EQ(claims.generation_parameters(), kParameters);
    EXPECT_EQ(claims.generator().seed(), "1");
  }
}

TEST(ClaimsProbeTest, ReadsOtherGenerators) {
  const std::string novelai =
      R"({"steps":28,"seed":4,"sampler":"k_euler","prompt":"cat"})";
  EmbeddedClaims claims = ClaimsOf(
      Png(PngChunk("tEXt", absl::StrCat("Comment", Nul(), novelai)) +
          PngChunk("tEXt", absl::StrCat("Software", Nul(), "NovelAI"))));
  EXPECT_EQ(claims.parameters_format(), "novelai");
  EXPECT_EQ(claims.software(), "NovelAI");
  claims = ClaimsOf(
      Png(PngChunk("tEXt", absl::StrCat("Dream", Nul(), "cat -s 50"))));
  EXPECT_EQ(claims.software(), "InvokeAI");
  claims = ClaimsOf(
      Png(PngChunk("tEXt", absl::StrCat("Comment", Nul(), "Made with care"))));
  EXPECT_EQ(claims.generation_parameters(), "");
}

TEST(ClaimsProbeTest, ReadsACamera) {
  const std::string exif =
      MakeCameraExif("Canon", "Canon EOS 5D", "2019:05:01 12:00:00");
  for (const std::string& file : {ExifJpeg(exif), Png(PngChunk("eXIf", exif)),
                                  Webp(WebpChunk("EXIF", exif))}) {
    const EmbeddedClaims claims = ClaimsOf(file);
    EXPECT_EQ(claims.camera(), "Canon EOS 5D");
    EXPECT_EQ(claims.original_date(), "2019:05:01 12:00:00");
    EXPECT_EQ(claims.generation_parameters(), "");
  }
  EXPECT_EQ(ClaimsOf(ExifJpeg(MakeCameraExif("NIKON", "D90", ""))).camera(),
            "NIKON D90");
}

TEST(ClaimsProbeTest, AnOrdinaryCommentIsNoClaim) {
  const EmbeddedClaims claims = ClaimsOf(
      ExifJpeg(MakeExif(1, "", UnicodeComment("Walk of 8000 Steps: 5 km"))));
  EXPECT_EQ(claims.generation_parameters(), "");
}

TEST(ClaimsProbeTest, ReadsTheSourceTypeOfAC2paManifest) {
  const std::string uri =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
  const std::string manifest = absl::StrCat("jumdc2pa", Nul(), "x", uri, Nul());
  for (const std::string& file :
       {Png(PngChunk("caBX", manifest)), Webp(WebpChunk("C2PA", manifest))}) {
    EXPECT_TRUE(ClaimsOf(file).c2pa_present());
    EXPECT_EQ(ClaimsOf(file).c2pa_source_type(), uri);
  }
  // A JPEG parts it over segments, here in the middle of the URI.
  const std::string header = absl::StrCat("JP", Nul(14));
  const size_t half = manifest.size() - 20;
  const std::string jpeg =
      WithJpegSegment(Jpeg(0xeb, absl::StrCat(header, manifest.substr(half))),
                      0xeb, absl::StrCat(header, manifest.substr(0, half)));
  EXPECT_TRUE(ClaimsOf(jpeg).c2pa_present());
  EXPECT_EQ(ClaimsOf(jpeg).c2pa_source_type(), uri);
  EXPECT_FALSE(
      ClaimsOf(Jpeg(0xeb, absl::StrCat(header, "jumd360"))).c2pa_present());
}

// What a store takes of provenance, JSON's quoting reckoned in, is 256 KiB.
TEST(ClaimsProbeTest, NoFileMakesItsClaimsTooLargeForAStore) {
  const std::string quotes(100'000, '"');
  const std::string text =
      absl::StrCat(quotes, "\nSteps: 1, Seed: 1, Model: ", quotes);
  const ImageProbe probe =
      ProbeImage(
          Png(absl::StrCat(
              PngChunk("tEXt", absl::StrCat("parameters", Nul(), text)),
              PngChunk("tEXt", absl::StrCat("Software", Nul(), quotes)),
              PngChunk("iCCP", absl::StrCat(quotes, Nul(2), Deflate("x"))),
              PngChunk("eXIf", MakeCameraExif(quotes, quotes, quotes)))))
          .value();
  EXPECT_LE(2 * (probe.claims.ByteSizeLong() + probe.color_profile.size()),
            200u << 10);
}

}  // namespace
}  // namespace verso
