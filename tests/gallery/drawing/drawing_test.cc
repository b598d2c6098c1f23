// What the drawn pictures must and must not give away.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "common/image/image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/painter.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/drawing/scene.h"
#include "tests/gallery/drawing/upsampling_network.h"

namespace verso {
namespace {

constexpr int kSide = 128;
constexpr int kPictures = 40;

Image Painted(uint64_t seed, int width = kSide, int height = kSide) {
  Random random(seed);
  const ArtStyle& style = ArtStyles()[seed % ArtStyles().size()];
  const Scene scene = ComposeScene(style, random);
  Image image = PaintScene(scene, style, width, height, random);
  AddCanvas(style, random, image);
  return image;
}

Image Generated(uint64_t seed, Upsampling upsampling) {
  Random random(seed);
  const ArtStyle& style = ArtStyles()[seed % ArtStyles().size()];
  const Scene scene = ComposeScene(style, random);
  const Image guide = PaintScene(scene, style, kSide / 2, kSide / 2, random);
  return UpsamplingNetwork(1, upsampling).Decode(guide, seed);
}

float Brightness(const Image& image, int x, int y) {
  const uint8_t* pixel =
      &image.rgb[3 * (static_cast<size_t>(y) * image.width + x)];
  return (pixel[0] + pixel[1] + pixel[2]) / 3.0f;
}

// How unequal the four phases of a grid of period two are in the energy of
// fine detail: 0 when no phase differs.
double PeriodTwoTrace(const Image& image) {
  std::array<double, 4> energy = {};
  for (int y = 1; y < image.height - 1; ++y) {
    for (int x = 1; x < image.width - 1; ++x) {
      const float detail =
          4 * Brightness(image, x, y) - Brightness(image, x - 1, y) -
          Brightness(image, x + 1, y) - Brightness(image, x, y - 1) -
          Brightness(image, x, y + 1);
      energy[(y % 2) * 2 + x % 2] += detail * detail;
    }
  }
  const auto [low, high] = std::minmax_element(energy.begin(), energy.end());
  return (*high - *low) /
         (std::accumulate(energy.begin(), energy.end(), 0.0) / 4);
}

double MeanTrace(Image (*draw)(uint64_t)) {
  double sum = 0;
  for (uint64_t seed = 0; seed < kPictures; ++seed) {
    sum += PeriodTwoTrace(draw(seed));
  }
  return sum / kPictures;
}

// Mean of each channel over many pictures, then the deviation of brightness.
std::array<double, 4> ColorFigures(Image (*draw)(uint64_t)) {
  std::array<double, 3> sums = {};
  double squares = 0;
  double n = 0;
  for (uint64_t seed = 0; seed < kPictures; ++seed) {
    const Image image = draw(seed);
    for (size_t i = 0; i < image.rgb.size(); ++i) {
      sums[i % 3] += image.rgb[i];
      squares += static_cast<double>(image.rgb[i]) * image.rgb[i];
      ++n;
    }
  }
  const double mean = (sums[0] + sums[1] + sums[2]) / n;
  return {3 * sums[0] / n, 3 * sums[1] / n, 3 * sums[2] / n,
          std::sqrt(squares / n - mean * mean)};
}

Image PaintedOf(uint64_t seed) { return Painted(seed); }
Image NearestOf(uint64_t seed) {
  return Generated(seed + 1000, Upsampling::kNearestThenConvolution);
}
Image TransposedOf(uint64_t seed) {
  return Generated(seed + 2000, Upsampling::kTransposedConvolution);
}

TEST(DrawingTest, TheSameSeedDrawsTheSamePicture) {
  EXPECT_EQ(Painted(7).rgb, Painted(7).rgb);
  EXPECT_NE(Painted(7).rgb, Painted(17).rgb);
  EXPECT_EQ(NearestOf(7).rgb, NearestOf(7).rgb);
  EXPECT_NE(NearestOf(7).rgb, NearestOf(17).rgb);
}

TEST(DrawingTest, PicturesHaveTheSizeThatWasAskedFor) {
  const Image painted = Painted(3, 97, 61);
  EXPECT_EQ(painted.width, 97);
  EXPECT_EQ(painted.height, 61);
  EXPECT_EQ(painted.rgb.size(), 3u * 97 * 61);
  const Image generated = NearestOf(3);
  EXPECT_EQ(generated.width, kSide);
  EXPECT_EQ(generated.rgb.size(), 3u * kSide * kSide);
}

TEST(DrawingTest, OnlyGeneratedPicturesHaveATraceWithAPeriodOfTwoPixels) {
  const double painted = MeanTrace(PaintedOf);
  EXPECT_LT(painted, 0.2);
  EXPECT_GT(MeanTrace(NearestOf), 2 * painted);
  EXPECT_GT(MeanTrace(TransposedOf), 2 * painted);
}

TEST(DrawingTest, ColoursDoNotTellGeneratedFromPainted) {
  const std::array<double, 4> painted = ColorFigures(PaintedOf);
  for (const auto draw : {NearestOf, TransposedOf}) {
    const std::array<double, 4> generated = ColorFigures(draw);
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(generated[i], painted[i], 12) << i;
  }
}

TEST(DrawingTest, TheNetworksOfTwoFamiliesDiffer) {
  Random random(1);
  const ArtStyle& style = ArtStyles()[0];
  const Image guide =
      PaintScene(ComposeScene(style, random), style, 32, 32, random);
  const auto decode = [&](uint64_t family) {
    return UpsamplingNetwork(family, Upsampling::kNearestThenConvolution)
        .Decode(guide, 5)
        .rgb;
  };
  EXPECT_EQ(decode(1), decode(1));
  EXPECT_NE(decode(1), decode(2));
}

TEST(DrawingTest, TheNetworkKeepsTheColoursOfItsGuide) {
  const Image red{32, 32, [] {
                    std::vector<uint8_t> rgb(32 * 32 * 3, 20);
                    for (size_t i = 0; i < rgb.size(); i += 3) rgb[i] = 200;
                    return rgb;
                  }()};
  const Image image =
      UpsamplingNetwork(1, Upsampling::kNearestThenConvolution).Decode(red, 1);
  EXPECT_NEAR(image.rgb[3 * (32 * 64 + 32)], 200, 6);
  EXPECT_NEAR(image.rgb[3 * (32 * 64 + 32) + 1], 20, 6);
}

TEST(ArtStyleTest, TheTenStylesAreThoseOfArtbench) {
  std::vector<std::string> names;
  for (const ArtStyle& style : ArtStyles()) names.push_back(style.name);
  EXPECT_THAT(names,
              testing::ElementsAre("art_nouveau", "baroque", "expressionism",
                                   "impressionism", "post_impressionism",
                                   "realism", "renaissance", "romanticism",
                                   "surrealism", "ukiyo_e"));
}

TEST(ArtStyleTest, FindsTheLongestStyleInAText) {
  EXPECT_EQ(FindArtStyle("a Post-Impressionism painting")->name,
            "post_impressionism");
  EXPECT_EQ(FindArtStyle("impressionism")->name, "impressionism");
  EXPECT_EQ(FindArtStyle("style=ukiyo_e")->name, "ukiyo_e");
  EXPECT_EQ(FindArtStyle("cats"), nullptr);
}

TEST(RandomTest, NormalNumbersHaveMeanZeroAndDeviationOne) {
  Random random(1);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.Normal();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
}

TEST(RandomTest, SeedsDifferByTextAndBySeed) {
  EXPECT_EQ(SeedFor(1, "a"), SeedFor(1, "a"));
  EXPECT_NE(SeedFor(1, "a"), SeedFor(1, "b"));
  EXPECT_NE(SeedFor(1, "a"), SeedFor(2, "a"));
}

}  // namespace
}  // namespace verso
