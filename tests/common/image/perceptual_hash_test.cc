#include "common/image/perceptual_hash.h"

#include <algorithm>
#include <vector>

#include "common/image/decode.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/resize.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_pictures.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::MatchesRegex;
using ::verso::testing::Flat;
using ::verso::testing::Painting;

TEST(PerceptualHashTest, HasSixteenHexDigits) {
  EXPECT_THAT(PerceptualHash(Painting(100, 80)), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_THAT(PerceptualHash(Flat(1, 1, 9, 9, 9)),
              MatchesRegex("[0-9a-f]{16}"));
}

TEST(PerceptualHashTest, StaysNearlyTheSameWhenReencoded) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Image image = Painting(200, 160, seed);
    const std::string hash = PerceptualHash(image);
    for (const std::string& bytes :
         {EncodeJpeg(image, 40, ChromaSubsampling::k420).value(),
          EncodeWebp(image, 50).value()}) {
      EXPECT_LE(HammingDistance(hash, PerceptualHash(*DecodeImage(bytes))), 4)
          << "seed " << seed;
    }
  }
}

TEST(PerceptualHashTest, StaysNearlyTheSameWhenResized) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Image image = Painting(200, 160, seed);
    const Image small = Resize(image, 75, 60).value();
    EXPECT_LE(HammingDistance(PerceptualHash(image), PerceptualHash(small)), 4)
        << "seed " << seed;
  }
}

TEST(PerceptualHashTest, DiffersForOtherPictures) {
  std::vector<std::string> hashes;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    hashes.push_back(PerceptualHash(Painting(120, 120, seed)));
  }
  int nearest = 64;
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      nearest = std::min(nearest, HammingDistance(hashes[i], hashes[j]));
    }
  }
  EXPECT_GT(nearest, 10);
}

TEST(PerceptualHashTest, AFlatPictureHasNoBits) {
  EXPECT_EQ(PerceptualHash(Flat(50, 50, 200, 100, 50)), "0000000000000000");
}

TEST(HammingDistanceTest, CountsTheBitsThatDiffer) {
  EXPECT_EQ(HammingDistance("0000000000000000", "0000000000000000"), 0);
  EXPECT_EQ(HammingDistance("0000000000000000", "f000000000000001"), 5);
  EXPECT_EQ(HammingDistance("ffffffffffffffff", "0000000000000000"), 64);
}

TEST(HammingDistanceTest, WhatIsNoHashIsLikeNothing) {
  EXPECT_EQ(HammingDistance("", ""), 64);
  EXPECT_EQ(HammingDistance("0x00000000000000", "0000000000000000"), 64);
}

}  // namespace
}  // namespace verso
