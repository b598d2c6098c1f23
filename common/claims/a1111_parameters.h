#ifndef VERSO_COMMON_CLAIMS_A1111_PARAMETERS_H_
#define VERSO_COMMON_CLAIMS_A1111_PARAMETERS_H_

#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// Reads the text that the Stable Diffusion web UI writes into its pictures:
//
//   a cat,
//   oil on canvas
//   Negative prompt: blurry
//   Steps: 20, Sampler: Euler a, CFG scale: 7.0, Seed: 1, Size: 512x512, ...
//
// The last line is read from the text's end; its values may be JSON strings.
// "Steps: " may also stand behind the prompt on one line. Fills in
// `claims.generator`, `generated_width`, `generated_height`,
// `parameters_format` and `program_version` and returns true; false, and
// `claims` as it was, when the text is no such thing: it needs a number of
// steps and one more of the fields above. Takes hostile UTF-8, in time linear
// in its length.
bool TakeA1111Parameters(absl::string_view text, EmbeddedClaims& claims);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_A1111_PARAMETERS_H_
