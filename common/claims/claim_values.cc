#include "common/claims/claim_values.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace verso {

std::string CutText(absl::string_view text, size_t max_bytes) {
  std::string clean;
  for (const char c : absl::StripAsciiWhitespace(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) continue;
    clean.push_back(c);
    if (clean.size() > max_bytes) break;
  }
  if (clean.size() > max_bytes) {
    size_t end = max_bytes;
    while (end > 0 && (clean[end] & 0xc0) == 0x80) --end;
    clean.resize(end);
  }
  return clean;
}

void SetSteps(double steps, Generator& generator) {
  if (steps >= 1 && steps <= 100'000) {
    generator.set_steps(static_cast<int>(steps));
  }
}

void SetGuidance(double guidance, Generator& generator) {
  if (std::isfinite(guidance) && guidance >= 0) {
    generator.set_guidance(guidance);
  }
}

void SetSeed(absl::string_view seed, Generator& generator) {
  constexpr size_t kMaxDigits = 20;  // Of 64 bits.
  absl::string_view digits = seed;
  absl::ConsumePrefix(&digits, "-");
  if (!digits.empty() && digits.size() <= kMaxDigits &&
      std::all_of(digits.begin(), digits.end(),
                  [](unsigned char c) { return absl::ascii_isdigit(c); })) {
    generator.set_seed(std::string(seed));
  }
}

void SetGeneratedSize(double width, double height, EmbeddedClaims& claims) {
  constexpr double kMaxSide = 1e6;
  if (width >= 1 && width <= kMaxSide && height >= 1 && height <= kMaxSide) {
    claims.set_generated_width(static_cast<int>(width));
    claims.set_generated_height(static_cast<int>(height));
  }
}

}  // namespace verso
