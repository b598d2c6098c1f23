#ifndef VERSO_COMMON_IMAGE_BYTE_READER_H_
#define VERSO_COMMON_IMAGE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace verso {

enum class ByteOrder { kBigEndian, kLittleEndian };

// Reads numbers and runs of bytes out of hostile input, never past its end.
// The first read that does not fit fails the reader for good: it and all later
// ones give 0 or an empty run. Ask ok() before the values count.
// Thread-compatible.
class ByteReader {
 public:
  // `bytes` is not copied and must outlive the reader.
  explicit ByteReader(absl::string_view bytes,
                      ByteOrder order = ByteOrder::kBigEndian)
      : rest_(bytes), order_(order) {}

  uint8_t U8() { return static_cast<uint8_t>(Number(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Number(2)); }
  uint32_t U24() { return Number(3); }
  uint32_t U32() { return Number(4); }
  void Skip(size_t size) { Bytes(size); }

  absl::string_view Bytes(size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const absl::string_view run = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return run;
  }

  bool ok() const { return ok_; }
  absl::string_view rest() const { return rest_; }

 private:
  uint32_t Number(size_t size) {
    const absl::string_view run = Bytes(size);
    uint32_t number = 0;
    for (size_t i = 0; i < run.size(); ++i) {
      const bool big = order_ == ByteOrder::kBigEndian;
      const char c = big ? run[i] : run[run.size() - 1 - i];
      number = (number << 8) | static_cast<unsigned char>(c);
    }
    return number;
  }

  absl::string_view rest_;
  const ByteOrder order_;
  bool ok_ = true;
};

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_BYTE_READER_H_
