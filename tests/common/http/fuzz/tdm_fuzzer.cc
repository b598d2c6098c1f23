#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "common/http/tdm_reservation.h"

// The first line is a path, the rest a tdmrep.json. Whatever they are, the
// reader ends, and what forbids is a rule that can be shown.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(bytes.find('\n'), bytes.size());
  const absl::string_view path = bytes.substr(0, line);
  const auto rules = verso::TdmReservations::Parse(bytes.substr(line));
  const auto* const rule = rules.Find(path);
  if (rules.Forbids(path) != (rule != nullptr && rule->reserved)) {
    __builtin_trap();
  }
  return 0;
}
