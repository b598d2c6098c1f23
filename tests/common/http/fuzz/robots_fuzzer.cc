#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/http/consent_signals.h"
#include "common/http/robots_txt.h"

// The first line is a path and a header, the rest a robots.txt. Whatever they
// are, the readers end, and an empty file allows everything.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(bytes.find('\n'), bytes.size());
  const std::string first(bytes.substr(0, line));
  const auto robots =
      verso::RobotsTxt::Parse(bytes.substr(line), verso::kProductToken);
  robots.Allows(first);
  if (!verso::RobotsTxt().Allows(first)) __builtin_trap();
  verso::HttpHead head;
  head.headers["x-robots-tag"] = first;
  head.headers["content-usage"] = first;
  verso::ReadConsentSignals(head, verso::kProductToken);
  return 0;
}
