#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/image/byte_reader.h"
#include "common/image/format_probes.h"
#include "common/image/jpeg_quality.h"

namespace verso {
namespace {

constexpr absl::string_view kFormat = "JPEG";

// Markers of ITU-T T.81, table B.1.
enum Marker : uint8_t {
  kDefineHuffman = 0xc4,
  kExtension = 0xc8,
  kDefineArithmetic = 0xcc,
  kEndOfImage = 0xd9,
  kStartOfScan = 0xda,
  kDefineQuantization = 0xdb,
  kApp1 = 0xe1,
  kApp2 = 0xe2,
  kApp11 = 0xeb,
};

bool IsStartOfFrame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != kDefineHuffman &&
         marker != kExtension && marker != kDefineArithmetic;
}

// Markers without a length: TEM, RST0 to RST7, SOI.
bool IsAlone(uint8_t marker) {
  return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

// What is gathered until the first scan.
struct Headers {
  ImageProbe probe;
  std::string tables;  // Each table's id and divisors, in file order.
  std::map<int, QuantizationTable> table_by_id;
  std::map<int, absl::string_view> profile_parts;  // By sequence number.
  std::string manifest;  // Of C2PA, from all its segments.
};

// The next marker; decoders skip what lies before it. 0: the file ends.
uint8_t NextMarker(ByteReader& in) {
  while (in.ok()) {
    if (in.U8() != 0xff) continue;
    uint8_t marker = in.U8();
    while (marker == 0xff) marker = in.U8();
    if (marker != 0) return marker;
  }
  return 0;
}

absl::Status ReadQuantization(absl::string_view segment, Headers& headers) {
  ByteReader in(segment);
  while (!in.rest().empty()) {
    const absl::string_view start = in.rest();
    const uint8_t kind = in.U8();
    QuantizationTable table;
    for (uint16_t& divisor : table) {
      divisor = (kind >> 4) != 0 ? in.U16() : in.U8();
    }
    if (!in.ok()) return Broken(kFormat, "a quantisation table is too short");
    absl::StrAppend(&headers.tables,
                    start.substr(0, start.size() - in.rest().size()));
    headers.table_by_id[kind & 0xf] = table;
  }
  return absl::OkStatus();
}

// "4:2:0" and so on from the sampling factors (high nibble horizontal).
std::string Subsampling(const std::vector<uint8_t>& factors) {
  if (factors.size() == 1) return "4:0:0";
  const int across = (factors[0] >> 4) / std::max(1, factors[1] >> 4);
  const int down = (factors[0] & 0xf) / std::max(1, factors[1] & 0xf);
  if (across == 1 && down == 1) return "4:4:4";
  if (across == 2 && down == 1) return "4:2:2";
  if (across == 2 && down == 2) return "4:2:0";
  if (across == 1 && down == 2) return "4:4:0";
  if (across == 4 && down == 1) return "4:1:1";
  if (across == 4 && down == 2) return "4:1:0";
  return "";
}

absl::Status ReadFrame(uint8_t marker, absl::string_view segment,
                       Headers& headers) {
  ByteReader in(segment);
  in.Skip(1);  // Bits per sample.
  headers.probe.height = in.U16();
  headers.probe.width = in.U16();
  std::vector<uint8_t> factors(in.U8());
  for (uint8_t& factor : factors) {
    in.Skip(1);
    factor = in.U8();
    in.Skip(1);
  }
  if (!in.ok() || factors.empty()) {
    return Broken(kFormat, "its frame header is too short");
  }
  if (headers.probe.width == 0 || headers.probe.height == 0) {
    return Broken(kFormat, "its width or height is 0");
  }
  headers.probe.encoder.set_chroma_subsampling(Subsampling(factors));
  headers.probe.encoder.set_progressive((marker & 3) == 2);
  return absl::OkStatus();
}

void ReadApp1(absl::string_view segment, ImageProbe& probe) {
  constexpr absl::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  if (absl::StartsWith(segment, absl::string_view("Exif\0\0", 6))) {
    TakeExif(ParseExif(segment), probe);
  } else if (absl::ConsumePrefix(&segment, kXmp)) {
    TakeXmp(segment, probe);
  }
}

void ReadApp2(absl::string_view segment, Headers& headers) {
  constexpr absl::string_view kProfile("ICC_PROFILE\0", 12);
  if (!absl::ConsumePrefix(&segment, kProfile)) return;
  ByteReader in(segment);
  const int number = in.U8();
  in.Skip(1);  // How many there are.
  if (in.ok()) headers.profile_parts[number] = in.rest();
}

// JPEG universal metadata, ISO 19566-5: "JP", a box's number, the number of
// this part of it, the box's header again, a part of its content.
void ReadApp11(absl::string_view segment, Headers& headers) {
  constexpr size_t kHeaderBytes = 2 + 2 + 4;
  constexpr size_t kBoxHeaderBytes = 8;
  if (!absl::StartsWith(segment, "JP")) return;
  const size_t skipped =
      kHeaderBytes + (headers.manifest.empty() ? 0 : kBoxHeaderBytes);
  segment.remove_prefix(std::min(skipped, segment.size()));
  absl::StrAppend(&headers.manifest, segment);
}

absl::Status ReadSegment(uint8_t marker, absl::string_view segment,
                         Headers& headers) {
  if (marker == kDefineQuantization) return ReadQuantization(segment, headers);
  if (IsStartOfFrame(marker)) return ReadFrame(marker, segment, headers);
  if (marker == kApp1) ReadApp1(segment, headers.probe);
  if (marker == kApp2) ReadApp2(segment, headers);
  if (marker == kApp11) ReadApp11(segment, headers);
  return absl::OkStatus();
}

absl::Status ReadHeaders(absl::string_view bytes, Headers& headers) {
  ByteReader in(bytes);
  while (true) {
    const uint8_t marker = NextMarker(in);
    if (marker == 0) return CutOff(kFormat);
    if (IsAlone(marker)) continue;
    if (marker == kStartOfScan) return absl::OkStatus();
    if (marker == kEndOfImage) return Broken(kFormat, "it holds no picture");
    const int size = in.U16();
    const absl::string_view segment = in.Bytes(std::max(size, 2) - 2);
    if (!in.ok()) return CutOff(kFormat);
    RETURN_IF_ERROR(ReadSegment(marker, segment, headers));
  }
}

void FinishEncoder(Headers& headers) {
  if (headers.table_by_id.empty()) return;
  EncoderFingerprint& encoder = headers.probe.encoder;
  encoder.set_quantization_sha256(Sha256Hex(headers.tables));
  std::optional<QuantizationTable> chroma;
  const auto second = headers.table_by_id.find(1);
  if (second != headers.table_by_id.end()) chroma = second->second;
  encoder.set_estimated_quality(
      EstimateJpegQuality(headers.table_by_id.begin()->second, chroma));
}

}  // namespace

absl::StatusOr<ImageProbe> ProbeJpeg(absl::string_view bytes) {
  Headers headers;
  headers.probe.format = "jpeg";
  RETURN_IF_ERROR(ReadHeaders(bytes, headers));
  if (headers.probe.width == 0) {
    return Broken(kFormat, "it has no frame header");
  }
  FinishEncoder(headers);
  std::string profile;
  for (const auto& [number, part] : headers.profile_parts) {
    absl::StrAppend(&profile, part);
  }
  if (absl::StrContains(headers.manifest, "c2pa")) {
    TakeC2pa(headers.manifest, headers.probe);
  }
  if (!profile.empty()) headers.probe.color_profile = IccDescription(profile);
  return headers.probe;
}

}  // namespace verso
