#ifndef VERSO_COMMON_CLAIMS_GENERATION_JSON_H_
#define VERSO_COMMON_CLAIMS_GENERATION_JSON_H_

#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// Reads the JSON that a generator writes into its pictures: ComfyUI's "prompt"
// (the graph that ran) and "workflow" (as it is drawn), NovelAI's "Comment",
// InvokeAI's "invokeai_metadata". Fills in `claims.generator`,
// `generated_width`, `generated_height`, `parameters_format` and
// `program_version` as far as values can be seen, and returns true; false, and
// `claims` as it was, when the text is nothing of that kind. Takes hostile
// bytes: at most 1 MiB, nested at most 64 deep, else false.
bool TakeGenerationJson(absl::string_view text, EmbeddedClaims& claims);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_GENERATION_JSON_H_
