#include <cstddef>
#include <cstdint>

#include "common/image/decode.h"
#include "common/image/probe.h"

// Whatever the bytes are, probing and decoding them ends with a status.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto probe = verso::ProbeImage(bytes);
  if (!probe.ok()) return 0;
  const auto image = verso::DecodeImage(bytes, {.max_pixels = 65536});
  if (image.ok() && !verso::CheckImage(*image).ok()) __builtin_trap();
  return 0;
}
