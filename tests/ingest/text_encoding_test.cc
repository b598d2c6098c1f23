#include "ingest/text_encoding.h"

#include <gtest/gtest.h>

namespace verso {
namespace {

std::string Convert(absl::string_view text) {
  return ToUtf8(text, DetectEncoding(text));
}

TEST(TextEncodingTest, TellsTheThreeEncodingsByTheirLetters) {
  EXPECT_EQ(DetectEncoding("plain"), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("é"), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("\x82\x81\x94\xA2"), TextEncoding::kCodePage850);
  EXPECT_EQ(DetectEncoding("\xE9\xFC\xF6\xF3"), TextEncoding::kLatin1);
}

TEST(TextEncodingTest, ConvertsLetters) {
  EXPECT_EQ(Convert("D\x81rer \x82\x8A\xA0"), "Dürer éèá");
  EXPECT_EQ(Convert("D\xFCrer \xE9\xE8\xE1"), "Dürer éèá");
  EXPECT_EQ(Convert("\xEF\xBB\xBF"
                    "Dürer"),
            "Dürer");
}

TEST(TextEncodingTest, Utf8IsStrict) {
  EXPECT_TRUE(IsUtf8("€ 𝄞"));
  for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF5\x80",
                          "\x80", "\xE0\x80\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(TextEncodingTest, EveryByteBecomesValidUtf8) {
  std::string all;
  for (int i = 1; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_TRUE(IsUtf8(ToUtf8(all, TextEncoding::kCodePage850)));
  EXPECT_TRUE(IsUtf8(ToUtf8(all, TextEncoding::kLatin1)));
}

}  // namespace
}  // namespace verso
