#include "tests/common/image/test_files.h"

#include <zlib.h>

#include <vector>

#include "absl/strings/str_cat.h"

namespace verso::testing {
namespace {

std::string Zeros(size_t size) { return std::string(size, '\0'); }

std::string PngHeader(int width, int height, int bits, int color_type,
                      bool interlaced) {
  return absl::StrCat(BigEndian(width, 4), BigEndian(height, 4),
                      BigEndian(bits, 1), BigEndian(color_type, 1), Zeros(2),
                      BigEndian(interlaced ? 1 : 0, 1));
}

// A segment of a JPEG.
std::string Segment(uint8_t marker, absl::string_view payload) {
  return absl::StrCat("\xff", BigEndian(marker, 1),
                      BigEndian(payload.size() + 2, 2), payload);
}

// A Huffman table of one symbol, whose code is a 0 bit.
std::string OneCode(int table_class, uint8_t symbol) {
  return Segment(0xc4, absl::StrCat(BigEndian(table_class << 4, 1), "\1",
                                    Zeros(15), BigEndian(symbol, 1)));
}

// The head of a scan of one component: a band of frequencies, and the bits.
std::string Scan(int first, int last, int high, int low) {
  return Segment(
      0xda, absl::StrCat("\1\1", Zeros(1), BigEndian(first, 1),
                         BigEndian(last, 1), BigEndian(high << 4 | low, 1)));
}

// Codes of 8 bits: cleared before the table grows past them.
std::string GifPixels(int pixels, char color) {
  constexpr char kClear = '\x80';
  constexpr char kEnd = '\x81';
  std::string codes;
  for (int i = 0; i < pixels; ++i) {
    if (i % 100 == 0) codes.push_back(kClear);
    codes.push_back(color);
  }
  codes.push_back(kEnd);
  std::string blocks;
  for (size_t i = 0; i < codes.size(); i += 255) {
    const std::string block = codes.substr(i, 255);
    absl::StrAppend(&blocks, BigEndian(block.size(), 1), block);
  }
  return blocks + '\0';
}

std::string Fixed(double value) {
  return BigEndian(static_cast<uint32_t>(static_cast<int>(value * 65536)), 4);
}

std::string XyzTag(double x, double y, double z) {
  return absl::StrCat("XYZ ", Zeros(4), Fixed(x), Fixed(y), Fixed(z));
}

}  // namespace

std::string BigEndian(uint32_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(number >> (8 * i)));
  }
  return out;
}

std::string LittleEndian(uint32_t number, int bytes) {
  const std::string out = BigEndian(number, bytes);
  return std::string(out.rbegin(), out.rend());
}

std::string Deflate(absl::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  packed.resize(size);
  return packed;
}

std::string PngChunk(absl::string_view type, absl::string_view data) {
  const std::string body = absl::StrCat(type, data);
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return absl::StrCat(BigEndian(data.size(), 4), body, BigEndian(crc, 4));
}

std::string MakePng(int width, int height, int bits, int color_type,
                    absl::string_view samples, absl::string_view chunks) {
  const size_t row_bytes = samples.size() / height;
  std::string rows;
  for (int y = 0; y < height; ++y) {
    absl::StrAppend(&rows, Zeros(1), samples.substr(y * row_bytes, row_bytes));
  }
  const std::string header =
      PngHeader(width, height, bits, color_type, /*interlaced=*/false);
  return absl::StrCat("\x89PNG\r\n\x1a\n", PngChunk("IHDR", header), chunks,
                      PngChunk("IDAT", Deflate(rows)), PngChunk("IEND", ""));
}

std::string MakeInterlacedPng(int width, int height) {
  // Where each of the 7 passes starts, and its steps.
  constexpr int kPasses[][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8},
                                {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2},
                                {0, 1, 1, 2}};
  size_t size = 0;
  for (const auto& [x, y, step_x, step_y] : kPasses) {
    const int columns = (width - x + step_x - 1) / step_x;
    const int rows = (height - y + step_y - 1) / step_y;
    if (columns > 0 && rows > 0)
      size += size_t{1} * rows * (1 + (columns + 7) / 8);
  }
  return absl::StrCat("\x89PNG\r\n\x1a\n",
                      PngChunk("IHDR", PngHeader(width, height, 1, 0, true)),
                      PngChunk("IDAT", Deflate(Zeros(size))),
                      PngChunk("IEND", ""));
}

std::string MakeJpegOfManyScans(int width, int height, int refinements) {
  constexpr int kRun = 1 << 14;  // Blocks that one code of the AC table ends.
  constexpr int kRunBits = 15;
  const int blocks = ((width + 7) / 8) * ((height + 7) / 8);
  const int runs = (blocks + kRun - 1) / kRun;
  const std::string band = Zeros((runs * kRunBits + 7) / 8);
  std::string jpeg = absl::StrCat(
      "\xff\xd8", Segment(0xdb, absl::StrCat(Zeros(1), std::string(64, '\1'))),
      Segment(0xc2, absl::StrCat("\x08", BigEndian(height, 2),
                                 BigEndian(width, 2), "\1\1\x11", Zeros(1))),
      OneCode(0, 0), OneCode(1, 0xe0), Scan(0, 0, 0, 0),
      Zeros((blocks + 7) / 8));
  for (int low = refinements - 1; low >= 0; --low) {
    const int high = low == refinements - 1 ? 0 : low + 1;
    for (int k = 1; k < 64; ++k) {
      absl::StrAppend(&jpeg, Scan(k, k, high, low), band);
    }
  }
  return jpeg + "\xff\xd9";
}

std::string MakeGif(int width, int height, absl::string_view frame_colors) {
  const std::string size =
      absl::StrCat(LittleEndian(width, 2), LittleEndian(height, 2));
  std::string gif = absl::StrCat("GIF89a", size, "\xf6", Zeros(2));
  for (int i = 0; i < 128; ++i) gif.append(3, static_cast<char>(2 * i));
  for (const char color : frame_colors) {
    absl::StrAppend(&gif, "\x21\xf9\x04", Zeros(5));  // Graphic control.
    absl::StrAppend(&gif, ",", Zeros(4), size, Zeros(1), "\x07",
                    GifPixels(width * height, color));
  }
  return gif + ";";
}

std::string WithJpegSegment(absl::string_view jpeg, uint8_t marker,
                            absl::string_view payload) {
  if (jpeg.empty()) return Segment(marker, payload);
  return absl::StrCat(jpeg.substr(0, 2), Segment(marker, payload),
                      jpeg.substr(2));
}

std::string WebpChunk(absl::string_view type, absl::string_view data) {
  return absl::StrCat(type, LittleEndian(data.size(), 4), data,
                      Zeros(data.size() % 2));
}

std::string MakeWebp(absl::string_view chunks) {
  return absl::StrCat("RIFF", LittleEndian(chunks.size() + 4, 4), "WEBP",
                      chunks);
}

std::string MakeExif(int orientation, absl::string_view software,
                     absl::string_view user_comment, bool big_endian) {
  const auto number = big_endian ? BigEndian : LittleEndian;
  const auto entry = [&](int tag, int type, int count, std::string value) {
    value.resize(4);
    return number(tag, 2) + number(type, 2) + number(count, 4) + value;
  };
  constexpr int kFolder = 8;
  constexpr int kExifFolder = kFolder + 2 + 3 * 12 + 4;
  constexpr int kTexts = kExifFolder + 2 + 12 + 4;
  const std::string name = absl::StrCat(software, Zeros(5));
  const int comment = kTexts + static_cast<int>(name.size());
  return absl::StrCat(
      big_endian ? "MM" : "II", number(42, 2), number(kFolder, 4), number(3, 2),
      entry(0x0112, 3, 1, number(orientation, 2)),
      entry(0x0131, 2, name.size(), number(kTexts, 4)),
      entry(0x8769, 4, 1, number(kExifFolder, 4)), number(0, 4), number(1, 2),
      entry(0x9286, 7, user_comment.size(), number(comment, 4)), number(0, 4),
      name, user_comment, Zeros(4));
}

std::string MakeCameraExif(absl::string_view make, absl::string_view model,
                           absl::string_view date) {
  // Longer than the four bytes that would lie in the entry itself.
  const auto text = [](absl::string_view value) {
    return absl::StrCat(value, Zeros(5));
  };
  const auto entry = [](int tag, int type, size_t count, size_t value) {
    return absl::StrCat(LittleEndian(tag, 2), LittleEndian(type, 2),
                        LittleEndian(count, 4), LittleEndian(value, 4));
  };
  const std::string texts[] = {text(make), text(model), text(date)};
  constexpr size_t kFolder = 8;
  constexpr size_t kExifFolder = kFolder + 2 + 3 * 12 + 4;
  constexpr size_t kTexts = kExifFolder + 2 + 12 + 4;
  const size_t model_at = kTexts + texts[0].size();
  const size_t date_at = model_at + texts[1].size();
  return absl::StrCat(
      "II", LittleEndian(42, 2), LittleEndian(kFolder, 4), LittleEndian(3, 2),
      entry(0x010f, 2, texts[0].size(), kTexts),
      entry(0x0110, 2, texts[1].size(), model_at),
      entry(0x8769, 4, 1, kExifFolder), LittleEndian(0, 4), LittleEndian(1, 2),
      entry(0x9003, 2, texts[2].size(), date_at), LittleEndian(0, 4), texts[0],
      texts[1], texts[2]);
}

std::string UnicodeComment(absl::string_view text, bool big_endian) {
  std::string comment("UNICODE\0", 8);
  for (const char c : text) {
    absl::StrAppend(&comment,
                    big_endian ? BigEndian(c, 2) : LittleEndian(c, 2));
  }
  return comment;
}

std::string SwappedProfile(absl::string_view description) {
  const std::string text =
      absl::StrCat("desc", Zeros(4), BigEndian(description.size() + 1, 4),
                   description, Zeros(1 + 4 + 4 + 2 + 1 + 67));
  const std::string red = XyzTag(0.4361, 0.2225, 0.0139);
  const std::string green = XyzTag(0.3851, 0.7169, 0.0971);
  const std::string curve =
      absl::StrCat("curv", Zeros(4), BigEndian(1, 4), BigEndian(0x0233, 2));
  const std::vector<std::pair<std::string, std::string>> tags = {
      {"desc", text},
      {"wtpt", XyzTag(0.9642, 1, 0.8249)},
      {"rXYZ", green},
      {"gXYZ", red},
      {"bXYZ", XyzTag(0.1431, 0.0606, 0.7141)},
      {"rTRC", curve},
      {"gTRC", curve},
      {"bTRC", curve}};
  std::string table = BigEndian(tags.size(), 4);
  std::string data;
  const size_t start = 128 + 4 + 12 * tags.size();
  for (const auto& [name, value] : tags) {
    absl::StrAppend(&table, name, BigEndian(start + data.size(), 4),
                    BigEndian(value.size(), 4));
    absl::StrAppend(&data, value, Zeros((4 - value.size() % 4) % 4));
  }
  const std::string header = absl::StrCat(
      BigEndian(start + data.size(), 4), Zeros(4), BigEndian(0x02100000, 4),
      "mntrRGB XYZ ", Zeros(12), "acsp", Zeros(28), Fixed(0.9642), Fixed(1),
      Fixed(0.8249), Zeros(48));
  return absl::StrCat(header, table, data);
}

}  // namespace verso::testing
