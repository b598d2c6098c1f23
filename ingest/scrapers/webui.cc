#include "ingest/scrapers/webui.h"

#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/json.h"

namespace verso {
namespace {

using nlohmann::json;

constexpr int kSteps = 32;
constexpr double kGuidance = 7.5;
constexpr char kSampler[] = "DDIM";
constexpr double kEta = 0;  // Of DDIM: no noise is added on the way.
constexpr uint32_t kMaxSeed = 4294967293;

uint32_t SeedOf(absl::string_view record_id) {
  uint32_t seed = 0;
  const std::string digits(record_id.substr(0, 8));
  if (!absl::SimpleHexAtoi(digits, &seed)) return 0;
  return seed % (kMaxSeed + 1);
}

// "[style] painting of [title]", without a style that ArtBench does not know.
std::string PromptFor(const Work& work) {
  std::string prompt = StyleInWords(work.style());
  if (!prompt.empty()) prompt.push_back(' ');
  return absl::StrCat(prompt, "painting of ", work.title());
}

void SetGenerator(const json& info, Generator& generator) {
  const std::string seed = TextOf(info, "seed");
  if (!seed.empty()) generator.set_seed(seed);
  const std::string sampler = TextOf(info, "sampler_name");
  if (!sampler.empty()) generator.set_sampler(sampler);
  const double steps = NumberOf(info, "steps");
  if (steps >= 1 && steps <= INT32_MAX) {
    generator.set_steps(static_cast<int>(steps));
  }
  if (NumberOf(info, "cfg_scale") > 0) {
    generator.set_guidance(NumberOf(info, "cfg_scale"));
  }
  if (NumberOf(info, "denoising_strength") > 0) {
    generator.set_denoising_strength(NumberOf(info, "denoising_strength"));
  }
  generator.set_name(TextOf(info, "sd_model_name"));
  generator.set_version(TextOf(info, "sd_model_hash"));
  generator.set_negative_prompt(TextOf(info, "negative_prompt"));
}

}  // namespace

WorkItem WebuiItem(absl::string_view source, absl::string_view api,
                   const Record& parent_record) {
  const Provenance& parent = parent_record.provenance();
  const std::string parent_id = RecordIdOf(parent.sha256());
  WorkItem item;
  item.set_source(std::string(source));
  item.set_id(parent_id);
  item.set_url(absl::StrCat("/sdapi/v1/", api));
  item.set_kind(FETCH_KIND_GENERATOR);
  item.set_content_type("application/json");
  Provenance& provenance = *item.mutable_provenance();
  provenance.set_collection(std::string(source));
  provenance.set_label(LABEL_GENERATED);
  provenance.set_label_evidence(LABEL_EVIDENCE_GENERATED_BY_US);
  provenance.set_parent(parent_id);
  provenance.set_found_by(parent.source_item_id());
  provenance.mutable_work()->set_style(parent.work().style());
  provenance.mutable_work()->set_work_key(parent.work().work_key());
  Generator& generator = *provenance.mutable_generator();
  generator.set_family("stable-diffusion");
  generator.set_prompt(PromptFor(parent.work()));
  generator.set_seed(absl::StrCat(SeedOf(parent_id)));
  generator.set_steps(kSteps);
  generator.set_guidance(kGuidance);
  generator.set_sampler(kSampler);
  generator.set_edit_mode(std::string(api));
  return item;
}

json WebuiRequest(const WorkItem& item, int width, int height) {
  const Provenance& provenance = item.provenance();
  const Generator& generator = provenance.generator();
  return {{"prompt", generator.prompt()},
          {"seed", SeedOf(provenance.parent())},
          {"steps", generator.steps()},
          {"cfg_scale", generator.guidance()},
          {"sampler_name", generator.sampler()},
          {"eta", kEta},
          {"width", width},
          {"height", height},
          {"batch_size", 1},
          {"n_iter", 1}};
}

std::string DumpJson(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::Status ParseWebuiAnswer(const WorkItem& item, HttpStream& response,
                              ScrapeSink& sink) {
  ASSIGN_OR_RETURN(const json answer, ReadJson(response));
  const json& images = ArrayOf(answer, "images");
  if (images.empty() || !images[0].is_string()) {
    return Malformed("no picture", "the generator's answer has no \"images\"");
  }
  std::string bytes;
  if (!absl::Base64Unescape(images[0].get_ref<const std::string&>(), &bytes) ||
      bytes.empty()) {
    return Malformed("no picture", "the generated picture is not base64");
  }
  // "info" is JSON text inside JSON.
  ASSIGN_OR_RETURN(const json info, ParseJson(TextOf(answer, "info")));
  Record record;
  *record.mutable_provenance() = item.provenance();
  SetGenerator(info, *record.mutable_provenance()->mutable_generator());
  record.set_image(std::move(bytes));
  return sink.AddRecord(std::move(record));
}

}  // namespace verso
