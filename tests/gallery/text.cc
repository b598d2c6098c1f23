#include "tests/gallery/text.h"

#include <iconv.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace verso {
namespace {

constexpr char kWestern[] = "ISO-8859-1";

// An iconv conversion, closed on destruction. Not thread-safe.
class Converter {
 public:
  Converter(const std::string& to, const std::string& from)
      : handle_(iconv_open(to.c_str(), from.c_str())) {}
  ~Converter() {
    if (valid()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool valid() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Converts what it can and removes that from `rest`; false: it met a wrong
  // sequence at the start of `rest`.
  bool Convert(absl::string_view& rest, std::string& out) {
    char buffer[4096];
    while (!rest.empty()) {
      char* in = const_cast<char*>(rest.data());
      size_t in_left = rest.size();
      char* to = buffer;
      size_t to_left = sizeof(buffer);
      const size_t result = iconv(handle_, &in, &in_left, &to, &to_left);
      out.append(buffer, sizeof(buffer) - to_left);
      rest.remove_prefix(rest.size() - in_left);
      if (result == static_cast<size_t>(-1) && errno != E2BIG) return false;
    }
    return true;
  }

 private:
  iconv_t handle_;
};

}  // namespace

absl::StatusOr<std::string> Encode(absl::string_view utf8,
                                   const std::string& encoding) {
  Converter converter(encoding + "//TRANSLIT", "UTF-8");
  if (!converter.valid()) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown encoding ", encoding));
  }
  std::string out;
  if (!converter.Convert(utf8, out)) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  return out;
}

std::string ToUtf8(absl::string_view bytes) {
  std::string out;
  Converter converter("UTF-8", "UTF-8");
  while (!converter.Convert(bytes, out)) {
    out.push_back('?');
    bytes.remove_prefix(1);
  }
  return out;
}

std::string ToWestern(absl::string_view utf8) {
  const absl::StatusOr<std::string> western = Encode(utf8, kWestern);
  VERSO_CHECK(western.ok());
  absl::string_view rest = *western;
  std::string out;
  VERSO_CHECK(Converter("UTF-8", kWestern).Convert(rest, out));
  return std::string(absl::StripAsciiWhitespace(out));
}

std::string CutUtf8(absl::string_view utf8, size_t max_bytes) {
  if (utf8.size() <= max_bytes) return std::string(utf8);
  while (max_bytes > 0 && (utf8[max_bytes] & 0xC0) == 0x80) --max_bytes;
  return std::string(utf8.substr(0, max_bytes));
}

std::string Slug(absl::string_view text) {
  std::string slug;
  for (const char c : text) {
    if (absl::ascii_isalnum(c)) {
      slug.push_back(absl::ascii_tolower(c));
    } else if (!slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  if (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

int YearIn(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    size_t end = i;
    while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
    int year = 0;
    if (end - i == 4 && absl::SimpleAtoi(text.substr(i, 4), &year) &&
        year >= 1000 && year < 3000) {
      return year;
    }
    if (end > i) i = end - 1;
  }
  return 0;
}

}  // namespace verso
