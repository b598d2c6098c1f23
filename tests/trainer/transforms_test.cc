#include "trainer/transforms.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "ATen/ATen.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/test_pictures.h"
#include "trainer/noise.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using testing::MakeFlatPicture;
using testing::MakePicture;
using testing::StatusIs;

TransformOptions Crop(int size) {
  return {.image_size = size, .image_fit = "crop"};
}

std::string Png(const Image& image) { return EncodePng(image).value(); }

// uint8, [3, height, width].
at::Tensor PixelsOf(Image image) {
  return at::from_blob(image.rgb.data(), {image.height, image.width, 3},
                       at::kByte)
      .permute({2, 0, 1})
      .clone();
}

at::Tensor Batch(int n, int size) {
  return at::randint(0, 256, {n, 3, size, size}, at::kByte);
}

TransformOptions Noise(double sigma) {
  return {.noise_sigma = sigma, .normalize = false};
}

TEST(DecodeForNetworkTest, KeepsThePixelsOfAPictureOfTheRightSize) {
  const Image image = MakePicture(64, 64);
  for (const char* fit : {"resize", "crop"}) {
    const TransformOptions options = {.image_size = 64, .image_fit = fit};
    ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                         DecodeForNetwork(Png(image), options, 1));
    EXPECT_TRUE(at::equal(pixels, PixelsOf(image))) << fit;
    EXPECT_TRUE(pixels.is_contiguous());
  }
}

TEST(DecodeForNetworkTest, SquashesAPictureOfAnySize) {
  const TransformOptions options = {.image_size = 48};
  for (const Image& image : {MakePicture(100, 30), MakePicture(7, 200)}) {
    ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                         DecodeForNetwork(Png(image), options, std::nullopt));
    EXPECT_EQ(pixels.sizes(), (std::vector<int64_t>{3, 48, 48}));
  }
}

TEST(DecodeForNetworkTest, ReadsJpeg) {
  const std::string jpeg = EncodeJpeg(MakeFlatPicture(80, 60, 90), 95).value();
  ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                       DecodeForNetwork(jpeg, Crop(48), std::nullopt));
  EXPECT_LE((pixels.to(at::kInt) - 90).abs().max().item<int>(), 2);
}

TEST(DecodeForNetworkTest, CropsWithoutAKeyInTheCentre) {
  const Image image = MakePicture(100, 70);
  ASSERT_OK_AND_ASSIGN(const at::Tensor pixels,
                       DecodeForNetwork(Png(image), Crop(40), std::nullopt));
  EXPECT_TRUE(
      at::equal(pixels, PixelsOf(image).narrow(1, 15, 40).narrow(2, 30, 40)));
}

TEST(DecodeForNetworkTest, CropsEverywhereByKeyAndAlwaysOwnPixels) {
  const Image image = MakePicture(43, 42);
  const at::Tensor whole = PixelsOf(image);
  std::set<std::pair<int, int>> places;
  for (uint64_t key = 0; key < 200; ++key) {
    const at::Tensor crop = DecodeForNetwork(Png(image), Crop(40), key).value();
    for (int y = 0; y <= 2; ++y) {
      for (int x = 0; x <= 3; ++x) {
        if (at::equal(crop, whole.narrow(1, y, 40).narrow(2, x, 40))) {
          places.insert({y, x});
        }
      }
    }
  }
  EXPECT_EQ(places.size(), 12u);
}

TEST(DecodeForNetworkTest, TheSameKeyCropsTheSamePlace) {
  const std::string png = Png(MakePicture(90, 90));
  EXPECT_TRUE(at::equal(DecodeForNetwork(png, Crop(40), 5).value(),
                        DecodeForNetwork(png, Crop(40), 5).value()));
}

TEST(DecodeForNetworkTest, EnlargesASmallPictureBeforeCropping) {
  ASSERT_OK_AND_ASSIGN(
      const at::Tensor pixels,
      DecodeForNetwork(Png(MakeFlatPicture(20, 90, 77)), Crop(40), 3));
  EXPECT_EQ(pixels.sizes(), (std::vector<int64_t>{3, 40, 40}));
  EXPECT_TRUE(pixels.eq(77).all().item<bool>());
}

TEST(DecodeForNetworkTest, RefusesAPictureThatWouldGrowWithoutBound) {
  EXPECT_THAT(
      DecodeForNetwork(Png(MakeFlatPicture(1, 4000, 0)), Crop(256), 1),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1x4000")));
}

TEST(DecodeForNetworkTest, RefusesWhatIsNoPicture) {
  for (const std::string& bytes :
       {std::string(), std::string("<html>"), std::string("\xff\xd8\xff!")}) {
    EXPECT_FALSE(DecodeForNetwork(bytes, {}, std::nullopt).ok());
  }
}

TEST(DecodeForNetworkTest, RefusesATruncatedPicture) {
  const std::string jpeg = EncodeJpeg(MakePicture(80, 60), 95).value();
  EXPECT_THAT(
      DecodeForNetwork(jpeg.substr(0, jpeg.size() / 2), {}, std::nullopt),
      StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ApplyTransformsTest, ScalesToZeroToOneWithoutOptions) {
  const at::Tensor batch = Batch(2, 33);
  const at::Tensor x = ApplyTransforms(batch, Noise(0), {});
  EXPECT_EQ(x.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(x * 255, batch.to(at::kFloat)));
  EXPECT_EQ(x.max().item<float>(), 1.0f);
}

TEST(ApplyTransformsTest, BlurKeepsAFlatPicture) {
  const at::Tensor batch = at::full({1, 3, 32, 32}, 51, at::kByte);
  const at::Tensor x =
      ApplyTransforms(batch, {.blur_sigma = 2, .normalize = false}, {});
  EXPECT_TRUE(at::allclose(x, at::full_like(x, 0.2)));
}

TEST(ApplyTransformsTest, NoiseDoesNotDependOnTheBatch) {
  const at::Tensor batch = Batch(3, 32);
  const at::Tensor all = ApplyTransforms(batch, Noise(0.1), {7, 8, 9});
  const at::Tensor one =
      ApplyTransforms(batch.narrow(0, 1, 1), Noise(0.1), {8});
  EXPECT_TRUE(at::equal(all[1], one[0]));
}

TEST(ApplyTransformsTest, NoiseHasItsSigmaAndIsNotClipped) {
  const at::Tensor black = at::zeros({2, 3, 128, 128}, at::kByte);
  const at::Tensor x = ApplyTransforms(black, Noise(0.1), {1, 2});
  EXPECT_NEAR(x.mean().item<double>(), 0, 0.001);
  EXPECT_NEAR(x.std().item<double>(), 0.1, 0.001);
  EXPECT_LT(x.min().item<double>(), -0.3);
}

TEST(ApplyTransformsTest, NoiseComesAfterTheBlur) {
  const at::Tensor black = at::zeros({1, 3, 64, 64}, at::kByte);
  TransformOptions options = Noise(0.1);
  const at::Tensor unblurred = ApplyTransforms(black, options, {4});
  options.blur_sigma = 2;
  EXPECT_TRUE(at::equal(ApplyTransforms(black, options, {4}), unblurred));
}

TEST(ApplyTransformsTest, GreyHasThreeEqualChannels) {
  const at::Tensor x = ApplyTransforms(
      Batch(2, 32), {.grayscale = true, .normalize = false}, {});
  EXPECT_EQ(x.size(1), 3);
  EXPECT_TRUE(at::equal(x.select(1, 0), x.select(1, 2)));
}

TEST(ApplyTransformsTest, LeavesTheBatchAsItWas) {
  const at::Tensor batch = Batch(1, 32), before = batch.clone();
  ApplyTransforms(batch, {.blur_sigma = 1, .noise_sigma = 0.1}, {1});
  EXPECT_TRUE(at::equal(batch, before));
}

TEST(NoiseTest, FollowsItsFormula) {
  constexpr uint64_t kKey = 0x0123456789abcdef;
  constexpr int kCount = 7, kHalf = 4;
  const at::Tensor noise = NormalNoise(kKey, kCount, at::kCPU);
  ASSERT_EQ(noise.numel(), kCount);
  for (int i = 0; i < kCount; ++i) {
    const uint64_t bits = MixBits(kKey + (i % kHalf + 1) * 0x9e3779b97f4a7c15);
    const double u = ((bits >> 40) + 1) / double(1 << 24);
    const double angle = 2 * M_PI * ((bits >> 8) & 0xffffff) / (1 << 24);
    const double radius = std::sqrt(-2 * std::log(u));
    EXPECT_NEAR(noise[i].item<double>(),
                radius * (i < kHalf ? std::cos(angle) : std::sin(angle)), 1e-5);
  }
}

TEST(NoiseTest, MixBitsIsSplitMix64) {
  // The first outputs of the published generator seeded with 0.
  EXPECT_EQ(MixBits(0x9e3779b97f4a7c15), 0xe220a8397b1dcdafu);
  EXPECT_EQ(MixBits(2 * 0x9e3779b97f4a7c15), 0x6e789e6aa1b965f4u);
}

TEST(NoiseTest, IsNormal) {
  const at::Tensor x = NormalNoise(3, 1 << 20, at::kCPU);
  EXPECT_NEAR(x.mean().item<double>(), 0, 0.005);
  EXPECT_NEAR(x.pow(2).mean().item<double>(), 1, 0.01);
  EXPECT_NEAR(x.pow(4).mean().item<double>(), 3, 0.1);
  // Phi(1) - Phi(-1) = 0.6827.
  EXPECT_NEAR(x.abs().lt(1).to(at::kFloat).mean().item<double>(), 0.6827,
              0.005);
}

TEST(NoiseTest, NeighbouringKeysGiveUnrelatedNoise) {
  const at::Tensor a = NormalNoise(10, 100'000, at::kCPU);
  const at::Tensor b = NormalNoise(11, 100'000, at::kCPU);
  EXPECT_NEAR((a * b).mean().item<double>(), 0, 0.02);
}

TEST(KeysTest, DifferByEveryArgument) {
  std::set<uint64_t> keys;
  for (const char* id : {"a", "b", "a/1"}) {
    for (int draw = 0; draw < 20; ++draw) keys.insert(NoiseKey(id, draw));
  }
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (uint64_t epoch = 0; epoch < 4; ++epoch) {
      for (uint64_t i = 0; i < 10; ++i) {
        keys.insert(TrainingKey(seed, epoch, i));
      }
    }
  }
  EXPECT_EQ(keys.size(), 60u + 160u);
  EXPECT_EQ(NoiseKey("a", 1), NoiseKey("a", 1));
}

TEST(CheckTransformsTest, RefusesWhatIsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const TransformOptions& bad :
       std::vector<TransformOptions>{{.image_size = 8},
                                     {.image_size = 100'000},
                                     {.image_fit = "stretch"},
                                     {.blur_sigma = -1},
                                     {.blur_sigma = nan},
                                     {.noise_sigma = nan},
                                     {.noise_sigma = -0.1}}) {
    EXPECT_THAT(CheckTransforms(bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_OK(CheckTransforms({}));
}

}  // namespace
}  // namespace verso
