#include "shardstore/shard_format.h"

#include <random>
#include <string>

#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

constexpr char kShard[] = "shard-000003.tar";

std::string Encode(const SampleContent& content, uint64_t seq = 7) {
  absl::StatusOr<std::string> bytes = EncodeSample(kShard, seq, content);
  EXPECT_OK(bytes);
  return bytes.value_or("");
}

TEST(ShardFormatTest, DecodesWhatItEncoded) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string json(random() % 1500, 'j');
    const std::string image(random() % 3000, static_cast<char>(random()));
    const uint64_t seq = random() % 10'000'000'000;
    const std::string bytes = Encode({"key", json, "jpg", image}, seq);
    ASSERT_EQ(bytes.size() % 512, 0u);
    ASSERT_OK_AND_ASSIGN(const ShardSample sample,
                         DecodeSample(kShard, seq, bytes));
    EXPECT_EQ(sample.seq, seq);
    EXPECT_EQ(sample.key, "key");
    EXPECT_EQ(sample.json, json);
    EXPECT_EQ(sample.extension, "jpg");
    EXPECT_EQ(sample.image, image);
  }
}

TEST(ShardFormatTest, TheRecordHeaderIsAPaxCommentOfFixedWidth) {
  const std::string bytes = Encode({"key", "{}", "jpg", "image"});
  EXPECT_EQ(bytes[156], 'x');
  EXPECT_THAT(bytes.substr(512, 100),
              HasSubstr(" comment=verso1 shard=shard-000003.tar "
                        "seq=0000000007 bytes=000000003072 crc32c="));
  ASSERT_OK_AND_ASSIGN(const SampleHeader header, DecodeSampleHeader(bytes));
  EXPECT_EQ(header.shard, kShard);
  EXPECT_EQ(header.seq, 7u);
  EXPECT_EQ(header.size_bytes, static_cast<int64_t>(bytes.size()));
}

TEST(ShardFormatTest, EverySingleBitFlipIsDetected) {
  const std::string bytes = Encode({"key", "{\"a\":1}", "jpg", "image"});
  int undetected = 0;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    const auto sample = DecodeSample(kShard, 7, damaged);
    if (!absl::IsDataLoss(sample.status())) ++undetected;
  }
  EXPECT_EQ(undetected, 0);
}

TEST(ShardFormatTest, ASampleInTheWrongPlaceIsDetectedAndNamed) {
  const std::string bytes = Encode({"key", "{}", "jpg", "image"});
  EXPECT_THAT(DecodeSample(kShard, 8, bytes),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("seq=8 of shard-000003.tar")));
  EXPECT_THAT(DecodeSample("shard-000004.tar", 7, bytes),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("seq=7 of shard-000004.tar")));
  EXPECT_THAT(DecodeSample(kShard, 7, bytes + std::string(512, '\0')),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ShardFormatTest, RefusesNamesThatATarOfSamplesCannotHold) {
  const SampleContent good = {"key", "{}", "jpg", "image"};
  for (const char* key : {"", "a.b", "../up", "a/b", "with space"}) {
    SampleContent bad = good;
    bad.key = key;
    EXPECT_THAT(EncodeSample(kShard, 0, bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const char* extension : {"", "json", "JPG", "tar.gz", "toolongname"}) {
    SampleContent bad = good;
    bad.extension = extension;
    EXPECT_THAT(EncodeSample(kShard, 0, bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ShardFormatTest, RefusesGarbageAsAHeader) {
  EXPECT_THAT(DecodeSampleHeader(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeSampleHeader(std::string(1024, '\0')),
              StatusIs(absl::StatusCode::kDataLoss));
  std::mt19937_64 random(2);
  const std::string good = Encode({"key", "{}", "jpg", "image"});
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good;
    for (uint64_t n = 1 + random() % 8; n > 0; --n) {
      bad[random() % 1024] ^= static_cast<char>(1 + random() % 255);
    }
    EXPECT_THAT(DecodeSample(kShard, 7, bad),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(ShardFormatTest, ShardNamesAndNumbersAreOneToOne) {
  EXPECT_EQ(ShardName(42), "shard-000042.tar");
  EXPECT_EQ(ShardNumber("shard-000042.tar"), 42);
  EXPECT_EQ(ShardNumber(ShardName(1234567)), 1234567);
  for (const char* name : {"shard-42.tar", "shard-000042.tar.tmp",
                           "shard--00042.tar", "shard-.tar", ""}) {
    EXPECT_EQ(ShardNumber(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace verso
