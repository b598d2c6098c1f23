#include "common/image/metadata.h"

#include "absl/strings/str_cat.h"
#include "common/image/text.h"
#include "gtest/gtest.h"
#include "tests/common/image/test_files.h"

namespace verso {
namespace {

using ::verso::testing::BigEndian;
using ::verso::testing::MakeExif;
using ::verso::testing::UnicodeComment;

TEST(MetadataTest, ReadsExifOfBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    const ExifData exif =
        ParseExif(MakeExif(8, "Paint 2", "plain text", big_endian));
    EXPECT_EQ(exif.orientation, 8);
    EXPECT_EQ(exif.software, "Paint 2");
    EXPECT_EQ(exif.user_comment, "plain text");
  }
}

TEST(MetadataTest, ReadsAUnicodeCommentOfEitherOrderInAnyBlock) {
  for (const bool block : {false, true}) {
    for (const bool text : {false, true}) {
      const ExifData exif =
          ParseExif(MakeExif(1, "", UnicodeComment("Steps: 4", text), block));
      EXPECT_EQ(exif.user_comment, "Steps: 4");
    }
  }
}

TEST(MetadataTest, AnOrientationOutOfRangeIsNone) {
  EXPECT_EQ(ParseExif(MakeExif(0)).orientation, 1);
  EXPECT_EQ(ParseExif(MakeExif(9)).orientation, 1);
}

TEST(MetadataTest, FindsTheDigitalSourceTypeInAllItsForms) {
  const std::string uri = "http://cv.iptc.org/x/trainedAlgorithmicMedia";
  for (const std::string& xmp :
       {absl::StrCat("<x:DigitalSourceType>", uri, "</x:DigitalSourceType>"),
        absl::StrCat("<x:DigitalSourceType rdf:resource='", uri, "'/>"),
        absl::StrCat("a:DigitalSourceType = \"", uri, "\" b='http://c'")}) {
    EXPECT_EQ(XmpDigitalSourceType(xmp), uri) << xmp;
  }
  // A code alone; one behind a name that has no value.
  for (const char* xmp :
       {"DigitalSourceType='digitalArt'",
        "<x:DigitalSourceType>\n digitalArt </x:DigitalSourceType>",
        "<x:DigitalSourceType/><!-- --><y DigitalSourceType='digitalArt'"}) {
    EXPECT_EQ(XmpDigitalSourceType(xmp), "digitalArt") << xmp;
  }
  EXPECT_EQ(XmpDigitalSourceType("<x:DigitalSourceType>"), "");
  EXPECT_EQ(XmpDigitalSourceType("DigitalSourceType='nonsense'"), "");
  EXPECT_EQ(XmpDigitalSourceType("<x:Other>http://x</x:Other>"), "");
}

TEST(MetadataTest, ReadsBothKindsOfProfileDescription) {
  EXPECT_EQ(IccDescription(testing::SwappedProfile("Adobe RGB")), "Adobe RGB");
  const std::string tag = absl::StrCat(
      "mluc", BigEndian(0, 4), BigEndian(1, 4), BigEndian(12, 4), "enUS",
      BigEndian(4, 4), BigEndian(28, 4), BigEndian('P', 2), BigEndian('3', 2));
  const std::string profile =
      absl::StrCat(std::string(128, '\0'), BigEndian(1, 4), "desc",
                   BigEndian(144, 4), BigEndian(tag.size(), 4), tag);
  EXPECT_EQ(IccDescription(profile), "P3");
  EXPECT_EQ(IccDescription("short"), "unnamed");
}

TEST(TextTest, KeepsUtf8AndReadsTheRestAsLatin1) {
  EXPECT_EQ(CleanText("schön ☕ 😀"), "schön ☕ 😀");
  EXPECT_EQ(CleanText("sch\xf6n"), "schön");
  EXPECT_EQ(CleanText("\xc0\xaf"), "À¯");                  // Overlong.
  EXPECT_EQ(CleanText("\xed\xa0\x80").substr(0, 2), "í");  // A surrogate.
}

TEST(TextTest, DropsControlCharactersButTabAndEndOfLine) {
  EXPECT_EQ(CleanText(absl::string_view("a\0b\x1b[1m\tc\nd\x7f", 12)),
            "ab[1m\tc\nd");
}

TEST(TextTest, CutsLongTextsAtACharacter) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "ö";
  const std::string cut = CleanText(text);
  EXPECT_LE(cut.size(), 64u << 10);
  EXPECT_GT(cut.size(), 60u << 10);
  EXPECT_EQ(cut, text.substr(0, cut.size()));
  EXPECT_EQ(cut.size() % 2, 0u);
}

TEST(TextTest, ReadsUtf16WithPairsAndReplacesHalves) {
  const std::string pair = BigEndian(0xd83d, 2) + BigEndian(0xde00, 2);
  const std::string half = BigEndian(0xde00, 2);
  EXPECT_EQ(TextFromUtf16(pair, ByteOrder::kBigEndian), "😀");
  EXPECT_EQ(TextFromUtf16(half + "!", ByteOrder::kBigEndian), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace verso
