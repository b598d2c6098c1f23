#include "common/image/encode.h"

#include <vips/vips.h>
#include <zlib.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/vips_runtime.h"

namespace verso {
namespace {

// Where the first chunk, IHDR, ends.
constexpr size_t kPngHeaderBytes = 8 + 25;
constexpr size_t kMaxKeywordBytes = 79;

std::string TakeBuffer(void* buffer, size_t size) {
  std::string bytes(static_cast<const char*>(buffer), size);
  g_free(buffer);
  return bytes;
}

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift));
  }
  return bytes;
}

std::string TextChunk(absl::string_view keyword, absl::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isascii(static_cast<unsigned char>(c));
  });
  // iTXt: not compressed, no language, no translated keyword.
  const std::string body =
      ascii ? absl::StrCat("tEXt", keyword, absl::string_view("\0", 1), text)
            : absl::StrCat("iTXt", keyword, absl::string_view("\0\0\0\0\0", 5),
                           text);
  const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                          static_cast<uInt>(body.size()));
  return absl::StrCat(BigEndian(static_cast<uint32_t>(body.size() - 4)), body,
                      BigEndian(static_cast<uint32_t>(crc)));
}

}  // namespace

absl::StatusOr<std::string> EncodePng(
    const Image& image, const std::map<std::string, std::string>& text) {
  ASSIGN_OR_RETURN(const VipsImagePtr wrapped, WrapForVips(image));
  std::string chunks;
  for (const auto& [keyword, value] : text) {
    if (keyword.empty() || keyword.size() > kMaxKeywordBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a PNG keyword has 1 to 79 bytes, not ", keyword.size()));
    }
    absl::StrAppend(&chunks, TextChunk(keyword, value));
  }
  void* buffer = nullptr;
  size_t size = 0;
  if (vips_pngsave_buffer(wrapped.get(), &buffer, &size, "strip", TRUE,
                          nullptr) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot write a PNG: ", TakeVipsError()));
  }
  std::string png = TakeBuffer(buffer, size);
  png.insert(kPngHeaderBytes, chunks);
  return png;
}

absl::StatusOr<std::string> EncodeWebp(const Image& image, int quality) {
  constexpr int kMaxSide = 16383;
  if (quality < 1 || quality > 100) {
    return absl::InvalidArgumentError(
        absl::StrCat("WebP quality is 1 to 100, not ", quality));
  }
  if (std::max(image.width, image.height) > kMaxSide) {
    return absl::InvalidArgumentError(
        absl::StrCat("a side of a WebP has at most ", kMaxSide, " pixels"));
  }
  ASSIGN_OR_RETURN(const VipsImagePtr wrapped, WrapForVips(image));
  void* buffer = nullptr;
  size_t size = 0;
  if (vips_webpsave_buffer(wrapped.get(), &buffer, &size, "Q", quality, "strip",
                           TRUE, nullptr) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot write a WebP: ", TakeVipsError()));
  }
  return TakeBuffer(buffer, size);
}

}  // namespace verso
