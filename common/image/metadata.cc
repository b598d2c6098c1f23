#include "common/image/metadata.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/claims/digital_source_type.h"
#include "common/image/byte_reader.h"
#include "common/image/text.h"

namespace verso {
namespace {

constexpr uint16_t kMakeTag = 0x010f;
constexpr uint16_t kModelTag = 0x0110;
constexpr uint16_t kOrientationTag = 0x0112;
constexpr uint16_t kSoftwareTag = 0x0131;
constexpr uint16_t kExifFolderTag = 0x8769;
constexpr uint16_t kOriginalDateTag = 0x9003;
constexpr uint16_t kUserCommentTag = 0x9286;
constexpr int kMaxExifEntries = 512;  // Per folder; real files have under 100.

// The value of an entry: in its last four bytes, or where they point.
absl::string_view EntryValue(absl::string_view tiff, uint16_t type,
                             uint32_t count, absl::string_view field,
                             ByteOrder order) {
  constexpr int kTypeBytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
  if (type >= std::size(kTypeBytes)) return {};
  const uint64_t size = uint64_t{count} * kTypeBytes[type];
  if (size <= field.size()) return field.substr(0, size);
  const uint32_t offset = ByteReader(field, order).U32();
  if (offset > tiff.size() || size > tiff.size() - offset) return {};
  return tiff.substr(offset, size);
}

// Most programs write big-endian whatever the block says, so the zero bytes of
// Latin letters decide.
ByteOrder GuessUtf16Order(absl::string_view bytes) {
  int zeros[2] = {0, 0};
  for (size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == 0;
  return zeros[1] > zeros[0] ? ByteOrder::kLittleEndian : ByteOrder::kBigEndian;
}

std::string UserComment(absl::string_view value) {
  if (absl::ConsumePrefix(&value, absl::string_view("UNICODE\0", 8))) {
    return TextFromUtf16(value, GuessUtf16Order(value));
  }
  absl::ConsumePrefix(&value, absl::string_view("ASCII\0\0\0", 8));
  return CleanText(value);
}

// Reads one folder of entries; returns the offset of the EXIF folder or 0.
uint32_t ReadFolder(absl::string_view tiff, uint32_t offset, ByteOrder order,
                    ExifData& exif) {
  ByteReader in(tiff, order);
  in.Skip(offset);
  const int entries = std::min<int>(in.U16(), kMaxExifEntries);
  uint32_t exif_folder = 0;
  for (int i = 0; i < entries && in.ok(); ++i) {
    const uint16_t tag = in.U16();
    const uint16_t type = in.U16();
    const uint32_t count = in.U32();
    const absl::string_view field = in.Bytes(4);
    const absl::string_view value = EntryValue(tiff, type, count, field, order);
    if (tag == kOrientationTag && value.size() == 2) {
      const int turn = ByteReader(value, order).U16();
      if (turn >= 1 && turn <= 8) exif.orientation = turn;
    } else if (tag == kSoftwareTag) {
      exif.software = CleanText(value);
    } else if (tag == kMakeTag) {
      exif.make = CleanText(value);
    } else if (tag == kModelTag) {
      exif.model = CleanText(value);
    } else if (tag == kOriginalDateTag) {
      exif.original_date = CleanText(value);
    } else if (tag == kUserCommentTag) {
      exif.user_comment = UserComment(value);
    } else if (tag == kExifFolderTag && value.size() == 4) {
      exif_folder = ByteReader(value, order).U32();
    }
  }
  return exif_folder;
}

// The value that follows a name in XMP: `="value"`, `>value<`,
// ` rdf:resource="value"`; empty when that is no digital source type.
std::string FirstValue(absl::string_view xmp) {
  constexpr size_t kMaxBetween = 64;
  constexpr size_t kMaxUri = 200;
  const absl::string_view near = xmp.substr(0, kMaxBetween);
  size_t start = near.find("http");
  if (start == absl::string_view::npos) {
    start = near.find_first_of("\"'>");
    if (start == absl::string_view::npos) return "";
    start = near.find_first_not_of("\"'> \t\r\n", start);
    if (start == absl::string_view::npos) return "";
  }
  const absl::string_view rest = xmp.substr(start, kMaxUri);
  const absl::string_view value =
      rest.substr(0, rest.find_first_of("\"'<> \t\r\n"));
  const bool is_type = absl::StartsWith(value, "http") ||
                       LabelOfDigitalSourceType(value) != LABEL_UNKNOWN;
  return is_type ? CleanText(value) : "";
}

// A text of an ICC profile: textDescriptionType or multiLocalizedUnicodeType.
std::string IccText(absl::string_view tag) {
  ByteReader in(tag);
  const absl::string_view type = in.Bytes(4);
  in.Skip(4);
  if (type == "desc") {
    const uint32_t size = in.U32();
    return TextFromLatin1(in.Bytes(size));
  }
  if (type != "mluc") return "";
  in.Skip(4 + 4 + 4);  // Number and size of records; language and country.
  const uint32_t size = in.U32();
  const uint32_t offset = in.U32();
  ByteReader text(tag);
  text.Skip(offset);
  return TextFromUtf16(text.Bytes(size), ByteOrder::kBigEndian);
}

}  // namespace

ExifData ParseExif(absl::string_view tiff) {
  ExifData exif;
  absl::ConsumePrefix(&tiff, absl::string_view("Exif\0\0", 6));
  const bool little = absl::StartsWith(tiff, "II");
  if (!little && !absl::StartsWith(tiff, "MM")) return exif;
  const ByteOrder order =
      little ? ByteOrder::kLittleEndian : ByteOrder::kBigEndian;
  ByteReader in(tiff, order);
  in.Skip(4);
  const uint32_t first = in.U32();
  const uint32_t exif_folder = ReadFolder(tiff, first, order, exif);
  if (exif_folder != 0) ReadFolder(tiff, exif_folder, order, exif);
  return exif;
}

std::string XmpDigitalSourceType(absl::string_view xmp) {
  constexpr absl::string_view kName = "DigitalSourceType";
  for (size_t name = xmp.find(kName); name != absl::string_view::npos;
       name = xmp.find(kName)) {
    xmp.remove_prefix(name + kName.size());
    std::string type = FirstValue(xmp);
    if (!type.empty()) return type;
  }
  return "";
}

std::string IccDescription(absl::string_view profile) {
  constexpr int kHeaderBytes = 128;
  constexpr uint32_t kMaxTags = 100;
  ByteReader in(profile);
  in.Skip(kHeaderBytes);
  const uint32_t tags = std::min(in.U32(), kMaxTags);
  for (uint32_t i = 0; i < tags && in.ok(); ++i) {
    const absl::string_view name = in.Bytes(4);
    const uint32_t offset = in.U32();
    const uint32_t size = in.U32();
    if (name != "desc") continue;
    ByteReader tag(profile);
    tag.Skip(offset);
    std::string text = IccText(tag.Bytes(size));
    if (!text.empty()) return text;
  }
  return "unnamed";
}

bool IsSrgbDescription(absl::string_view description) {
  return absl::StartsWithIgnoreCase(description, "srgb");
}

}  // namespace verso
