#include <zlib.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/claims/a1111_parameters.h"
#include "common/image/byte_reader.h"
#include "common/image/format_probes.h"
#include "common/image/text.h"

namespace verso {
namespace {

constexpr absl::string_view kFormat = "PNG";
constexpr size_t kSignatureBytes = 8;

// What a text or a profile may grow to: beyond that it is a bomb.
constexpr size_t kMaxInflatedBytes = size_t{4} << 20;

// As much as unpacks of a zlib stream.
std::string Inflate(absl::string_view packed) {
  std::string out(std::min(packed.size() * 16 + 1024, kMaxInflatedBytes), '\0');
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) return "";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = packed.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// Takes the text up to the next NUL, and the NUL; all of it when there is none.
absl::string_view TakeString(absl::string_view& bytes) {
  const size_t end = bytes.find('\0');
  const absl::string_view text = bytes.substr(0, end);
  bytes.remove_prefix(end == absl::string_view::npos ? bytes.size() : end + 1);
  return text;
}

// The web UI's "parameters" count more than what other programs write.
void TakeParameters(absl::string_view data, ImageProbe& probe) {
  EmbeddedClaims& claims = probe.claims;
  const std::string text = CleanText(data);
  if (TakeA1111Parameters(text, claims) || claims.parameters_format().empty()) {
    claims.set_generation_parameters(text);
  }
}

void TakeJson(absl::string_view key, absl::string_view data,
              ImageProbe& probe) {
  constexpr size_t kMaxJsonBytes = size_t{1} << 20;
  const std::string text = CleanText(data, kMaxJsonBytes);
  if (TakeGenerationText(text, probe)) return;
  EmbeddedClaims& claims = probe.claims;
  if (key == "prompt" && claims.generation_parameters().empty()) {
    claims.set_generation_parameters(CleanText(text));
  }
}

void TakeText(absl::string_view key, absl::string_view data,
              ImageProbe& probe) {
  if (key == "parameters") TakeParameters(data, probe);
  if (key == "prompt" || key == "workflow" || key == "Comment" ||
      key == "invokeai_metadata") {
    TakeJson(key, data, probe);
  }
  if (key == "Software") probe.claims.set_software(CleanText(data));
  // Older forms of InvokeAI's, which only tell of it.
  if ((key == "sd-metadata" || key == "Dream") &&
      probe.claims.software().empty()) {
    probe.claims.set_software("InvokeAI");
  }
  if (key == "XML:com.adobe.xmp") TakeXmp(data, probe);
}

// iTXt: key, compressed or not, method, language, translated key, text.
void ReadInternationalText(absl::string_view data, ImageProbe& probe) {
  const absl::string_view key = TakeString(data);
  if (data.size() < 2) return;
  const bool packed = data[0] != 0;
  data.remove_prefix(2);
  TakeString(data);
  TakeString(data);
  if (packed) {
    TakeText(key, Inflate(data), probe);
  } else {
    TakeText(key, data, probe);
  }
}

void ReadCompressedText(absl::string_view data, ImageProbe& probe) {
  const absl::string_view key = TakeString(data);
  TakeText(key, Inflate(data.substr(!data.empty())), probe);
}

void ReadProfile(absl::string_view data, ImageProbe& probe) {
  const std::string name = TextFromLatin1(TakeString(data));
  const std::string profile = Inflate(data.substr(!data.empty()));
  const std::string description = IccDescription(profile);
  const bool named = description != "unnamed" || name.empty();
  probe.color_profile = named ? description : name;
}

void ReadChunk(absl::string_view type, absl::string_view data,
               ImageProbe& probe) {
  if (type == "tEXt") {
    const absl::string_view key = TakeString(data);
    TakeText(key, data, probe);
  } else if (type == "zTXt") {
    ReadCompressedText(data, probe);
  } else if (type == "iTXt") {
    ReadInternationalText(data, probe);
  } else if (type == "iCCP") {
    ReadProfile(data, probe);
  } else if (type == "eXIf") {
    TakeExif(ParseExif(data), probe);
  } else if (type == "caBX") {
    TakeC2pa(data, probe);
  } else if (type == "acTL") {
    constexpr uint32_t kMost = 1 << 30;
    probe.frames = static_cast<int>(
        std::clamp<uint32_t>(ByteReader(data).U32(), 1, kMost));
  }
}

absl::Status ReadSize(absl::string_view header, ImageProbe& probe) {
  constexpr uint32_t kMaxSide = 0x7fffffff;
  ByteReader in(header);
  const uint32_t width = in.U32();
  const uint32_t height = in.U32();
  if (!in.ok() || width < 1 || width > kMaxSide || height < 1 ||
      height > kMaxSide) {
    return Broken(kFormat, "its width or height is out of range");
  }
  probe.width = static_cast<int>(width);
  probe.height = static_cast<int>(height);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageProbe> ProbePng(absl::string_view bytes) {
  ImageProbe probe;
  probe.format = "png";
  ByteReader in(bytes);
  in.Skip(kSignatureBytes);
  while (true) {
    const uint32_t size = in.U32();
    const absl::string_view type = in.Bytes(4);
    const absl::string_view data = in.Bytes(size);
    in.Skip(4);  // CRC, which the decoder checks.
    if (!in.ok()) return CutOff(kFormat);
    if (probe.width == 0) {
      if (type != "IHDR") return Broken(kFormat, "it does not start with IHDR");
      RETURN_IF_ERROR(ReadSize(data, probe));
    }
    if (type == "IEND") return probe;
    ReadChunk(type, data, probe);
  }
}

}  // namespace verso
