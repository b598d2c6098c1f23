#include <cstddef>
#include <cstdint>

#include "common/claims/label_check.h"
#include "common/image/decode.h"
#include "common/image/probe.h"

// Whatever the bytes are, probing, judging and decoding them ends.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto probe = verso::ProbeImage(bytes);
  if (!probe.ok()) return 0;
  // What a file claims fits into a record, whatever JSON has to quote in it.
  constexpr size_t kMaxProvenanceBytes = size_t{256} << 10;
  verso::Provenance provenance;
  provenance.set_label(verso::LABEL_HUMAN);
  *provenance.mutable_claims() = probe->claims;
  verso::CheckLabel(provenance);
  if (2 * provenance.ByteSizeLong() > kMaxProvenanceBytes) __builtin_trap();
  const auto image = verso::DecodeImage(bytes, {.max_pixels = 65536});
  if (image.ok() && !verso::CheckImage(*image).ok()) __builtin_trap();
  return 0;
}
