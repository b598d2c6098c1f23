#ifndef VERSO_COMMON_CLAIMS_CLAIM_VALUES_H_
#define VERSO_COMMON_CLAIMS_CLAIM_VALUES_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// Setters for values out of hostile files: what cannot be meant is left out.

inline constexpr size_t kMaxClaimBytes = 256;
inline constexpr size_t kMaxPromptBytes = size_t{8} << 10;

// `text` (UTF-8) without white space around it and ASCII's control characters
// but tab and end of line; at most `max_bytes` of it and no half character.
std::string CutText(absl::string_view text, size_t max_bytes);

// Steps from 1 to 100,000.
void SetSteps(double steps, Generator& generator);
// Finite and not negative.
void SetGuidance(double guidance, Generator& generator);
// Digits, perhaps behind a "-".
void SetSeed(absl::string_view seed, Generator& generator);
// Sides from 1 to 1,000,000 pixels.
void SetGeneratedSize(double width, double height, EmbeddedClaims& claims);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_CLAIM_VALUES_H_
