#include "common/image/byte_reader.h"
#include "common/image/format_probes.h"

namespace verso {
namespace {

constexpr absl::string_view kFormat = "GIF";
constexpr uint8_t kImage = 0x2c;
constexpr uint8_t kExtension = 0x21;
constexpr uint8_t kTrailer = 0x3b;

// Colour tables hold 3 * 2^(n+1) bytes where there is one.
void SkipColorTable(uint8_t flags, ByteReader& in) {
  if ((flags & 0x80) != 0) in.Skip(size_t{3} << ((flags & 7) + 1));
}

void SkipSubBlocks(ByteReader& in) {
  for (uint8_t size = in.U8(); size != 0; size = in.U8()) in.Skip(size);
}

void SkipImage(ByteReader& in) {
  in.Skip(8);  // Place and size.
  SkipColorTable(in.U8(), in);
  in.Skip(1);  // Bits of the first codes.
  SkipSubBlocks(in);
}

}  // namespace

absl::StatusOr<ImageProbe> ProbeGif(absl::string_view bytes) {
  ImageProbe probe;
  probe.format = "gif";
  probe.frames = 0;
  ByteReader in(bytes, ByteOrder::kLittleEndian);
  in.Skip(6);
  probe.width = in.U16();
  probe.height = in.U16();
  const uint8_t flags = in.U8();
  in.Skip(2);
  SkipColorTable(flags, in);
  while (in.ok()) {
    const uint8_t block = in.U8();
    if (block == kTrailer) break;
    if (block == kImage) {
      SkipImage(in);
      ++probe.frames;
    } else if (block == kExtension) {
      in.Skip(1);
      SkipSubBlocks(in);
    } else if (in.ok()) {
      return Broken(kFormat, "it holds an unknown block");
    }
  }
  if (!in.ok()) return CutOff(kFormat);
  if (probe.frames == 0) return Broken(kFormat, "it holds no picture");
  if (probe.width == 0 || probe.height == 0) {
    return Broken(kFormat, "its width or height is 0");
  }
  return probe;
}

}  // namespace verso
