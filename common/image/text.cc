#include "common/image/text.h"

#include <cstdint>

namespace verso {
namespace {

constexpr char32_t kReplacement = 0xfffd;

bool IsSurrogate(char32_t c) { return c >= 0xd800 && c < 0xe000; }

// False when the text is full.
bool Append(char32_t c, size_t max_bytes, std::string& text) {
  if (text.size() + 4 > max_bytes) return false;
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  if (control && c != '\n' && c != '\t') return true;
  const auto tail = [c](int shift) {
    return static_cast<char>(0x80 | ((c >> shift) & 0x3f));
  };
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text += {static_cast<char>(0xc0 | (c >> 6)), tail(0)};
  } else if (c < 0x10000) {
    text += {static_cast<char>(0xe0 | (c >> 12)), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xf0 | (c >> 18)), tail(12), tail(6), tail(0)};
  }
  return true;
}

// Takes one character off well-formed UTF-8; false when it is not.
bool TakeUtf8(absl::string_view& bytes, char32_t& c) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return false;
  if (size > bytes.size()) return false;
  c = size == 1 ? lead : lead & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((bytes[i] & 0xc0) != 0x80) return false;
    c = (c << 6) | (bytes[i] & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bytes.remove_prefix(size);
  return c >= kSmallest[size] && c <= 0x10ffff && !IsSurrogate(c);
}

}  // namespace

std::string CleanText(absl::string_view bytes, size_t max_bytes) {
  std::string text;
  absl::string_view rest = bytes.substr(0, 2 * max_bytes);
  const bool cut = rest.size() < bytes.size();
  while (!rest.empty()) {
    char32_t c = 0;
    if (!TakeUtf8(rest, c)) {
      // The cut above may have split the last character.
      if (cut && rest.size() < 4) break;
      return TextFromLatin1(bytes, max_bytes);
    }
    if (!Append(c, max_bytes, text)) break;
  }
  return text;
}

std::string TextFromLatin1(absl::string_view bytes, size_t max_bytes) {
  std::string text;
  for (const char c : bytes) {
    if (!Append(static_cast<unsigned char>(c), max_bytes, text)) break;
  }
  return text;
}

std::string TextFromUtf16(absl::string_view bytes, ByteOrder order) {
  std::string text;
  ByteReader in(bytes, order);
  while (in.rest().size() >= 2) {
    char32_t c = in.U16();
    if (c >= 0xd800 && c < 0xdc00 && in.rest().size() >= 2) {
      const char32_t low = in.U16();
      const bool pair = low >= 0xdc00 && low < 0xe000;
      c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : kReplacement;
    } else if (IsSurrogate(c)) {
      c = kReplacement;
    }
    if (!Append(c, kMaxTextBytes, text)) break;
  }
  return text;
}

}  // namespace verso
