#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "common/image/byte_reader.h"
#include "common/image/format_probes.h"

namespace verso {
namespace {

constexpr absl::string_view kFormat = "WebP";
constexpr int kSideMask = 0x3fff;  // Sides have 14 bits.

// Sizes stand in the first bytes of a frame, or of VP8X for all frames.
struct Frames {
  int count = 0;
  bool has_canvas = false;
};

void SetSize(int width, int height, const Frames& frames, ImageProbe& probe) {
  if (frames.has_canvas) return;
  probe.width = width;
  probe.height = height;
}

absl::Status ReadLossy(absl::string_view data, const Frames& frames,
                       ImageProbe& probe) {
  ByteReader in(data, ByteOrder::kLittleEndian);
  in.Skip(3);  // Frame tag.
  const absl::string_view start_code = in.Bytes(3);
  const int width = in.U16() & kSideMask;
  const int height = in.U16() & kSideMask;
  if (!in.ok() || start_code != "\x9d\x01\x2a") {
    return Broken(kFormat, "its VP8 frame has no start code");
  }
  SetSize(width, height, frames, probe);
  probe.encoder.set_chroma_subsampling("4:2:0");  // VP8 knows no other.
  return absl::OkStatus();
}

absl::Status ReadLossless(absl::string_view data, const Frames& frames,
                          ImageProbe& probe) {
  ByteReader in(data, ByteOrder::kLittleEndian);
  const uint8_t signature = in.U8();
  const uint32_t sides = in.U32();
  if (!in.ok() || signature != 0x2f) {
    return Broken(kFormat, "its VP8L frame has no signature");
  }
  const auto side = [sides](int shift) {
    return static_cast<int>((sides >> shift) & kSideMask) + 1;
  };
  SetSize(side(0), side(14), frames, probe);
  return absl::OkStatus();
}

absl::Status ReadCanvas(absl::string_view data, Frames& frames,
                        ImageProbe& probe) {
  ByteReader in(data, ByteOrder::kLittleEndian);
  in.Skip(4);  // Flags, which repeat what chunks there are.
  const int width = static_cast<int>(in.U24()) + 1;
  const int height = static_cast<int>(in.U24()) + 1;
  if (!in.ok()) return Broken(kFormat, "its VP8X chunk is too short");
  SetSize(width, height, frames, probe);
  frames.has_canvas = true;
  return absl::OkStatus();
}

absl::Status ReadChunk(absl::string_view type, absl::string_view data,
                       Frames& frames, ImageProbe& probe) {
  if (type == "VP8X") return ReadCanvas(data, frames, probe);
  if (type == "VP8 " || type == "VP8L" || type == "ANMF") ++frames.count;
  if (type == "VP8 ") return ReadLossy(data, frames, probe);
  if (type == "VP8L") return ReadLossless(data, frames, probe);
  if (type == "ICCP") probe.color_profile = IccDescription(data);
  if (type == "EXIF") TakeExif(ParseExif(data), probe);
  if (type == "XMP ") TakeXmp(data, probe);
  if (type == "C2PA") TakeC2pa(data, probe);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageProbe> ProbeWebp(absl::string_view bytes) {
  ImageProbe probe;
  probe.format = "webp";
  Frames frames;
  ByteReader file(bytes, ByteOrder::kLittleEndian);
  file.Skip(4);
  const uint32_t size = file.U32();
  ByteReader in(file.Bytes(size), ByteOrder::kLittleEndian);
  if (!file.ok()) return CutOff(kFormat);
  in.Skip(4);
  while (in.rest().size() >= 8) {
    const absl::string_view type = in.Bytes(4);
    const uint32_t chunk_bytes = in.U32();
    const absl::string_view data = in.Bytes(chunk_bytes);
    if (!in.ok()) return CutOff(kFormat);
    RETURN_IF_ERROR(ReadChunk(type, data, frames, probe));
    if (chunk_bytes % 2 == 1 && !in.rest().empty()) in.Skip(1);
  }
  if (frames.count == 0) return Broken(kFormat, "it holds no picture");
  if (probe.width == 0 || probe.height == 0) {
    return Broken(kFormat, "its width or height is 0");
  }
  probe.frames = frames.count;
  return probe;
}

}  // namespace verso
