#include "common/base/crc32c.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace verso {
namespace {

std::string Counting(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i)
    bytes.push_back(static_cast<char>(first + step * i));
  return bytes;
}

// The definition, bit by bit: reflected polynomial 0x1edc6f41.
uint32_t BitwiseCrc32c(absl::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    }
  }
  return ~crc;
}

TEST(Crc32cTest, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c(Counting(0, 1)), 0x46dd794eu);
  EXPECT_EQ(Crc32c(Counting(31, -1)), 0x113fdb5cu);
}

TEST(Crc32cTest, GivesTheCheckValueOfTheCatalogue) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, EqualsTheDefinitionAtEveryLengthAndAlignment) {
  std::mt19937 random(3);
  std::string bytes;
  for (int i = 0; i < 80; ++i) bytes.push_back(static_cast<char>(random()));
  const absl::string_view all = bytes;
  for (size_t start = 0; start < 8; ++start) {
    for (size_t size = 0; start + size <= all.size(); ++size) {
      const absl::string_view part = all.substr(start, size);
      ASSERT_EQ(Crc32c(part), BitwiseCrc32c(part)) << start << "+" << size;
    }
  }
}

TEST(Crc32cTest, GoesOnFromTheValueSoFar) {
  const std::string bytes = Counting(7, 3);
  const absl::string_view all = bytes;
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    EXPECT_EQ(Crc32c(all.substr(cut), Crc32c(all.substr(0, cut))), Crc32c(all));
  }
}

}  // namespace
}  // namespace verso
