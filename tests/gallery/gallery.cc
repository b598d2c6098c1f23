#include "tests/gallery/gallery.h"

#include "absl/strings/str_cat.h"

namespace verso {

std::string InfoText(const GenerateRequest& request, const std::string& model) {
  std::string text = absl::StrCat(request.prompt, "\n");
  if (!request.negative_prompt.empty()) {
    absl::StrAppend(&text, "Negative prompt: ", request.negative_prompt, "\n");
  }
  absl::StrAppend(
      &text, "Steps: ", request.steps, ", Sampler: ", request.sampler,
      ", CFG scale: ", request.guidance, ", Seed: ", request.seed,
      ", Size: ", request.width, "x", request.height, ", Model: ", model);
  if (request.init) {
    absl::StrAppend(&text,
                    ", Denoising strength: ", request.denoising_strength);
  }
  return absl::StrCat(text, ", Version: v1.6.0");
}

}  // namespace verso
