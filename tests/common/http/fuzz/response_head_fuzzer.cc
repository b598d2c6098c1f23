#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/consent_signals.h"
#include "common/http/response_head.h"

// The lines of an answer's head, with their ends. Whatever they are, the reader
// ends, and a head that passes has a final status and values without line ends
// of their own.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  verso::ResponseHead head("http://a/", 64 << 10);
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const size_t line = end == absl::string_view::npos ? bytes.size() : end + 1;
    if (!head.AddLine(bytes.substr(0, line)).ok()) return 0;
    bytes.remove_prefix(line);
  }
  if (!head.done()) return 0;
  if (head.head().status < 200) __builtin_trap();
  for (const auto& [name, value] : head.head().headers) {
    if (value.find('\r') != std::string::npos) __builtin_trap();
    if (value.find('\0') != std::string::npos) __builtin_trap();
  }
  verso::ReadConsentSignals(head.head(), verso::kProductToken);
  return 0;
}
