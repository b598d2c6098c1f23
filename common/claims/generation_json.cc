#include "common/claims/generation_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/claims/claim_values.h"

namespace verso {
namespace {

using nlohmann::json;

constexpr size_t kMaxTextBytes = size_t{1} << 20;
constexpr int kMaxDepth = 64;
constexpr int kMaxNodes = 5000;
constexpr int kMaxHops = 8;  // From a sampler to the text of its prompt.

// Checked before parsing, so that no parser has to cope with it.
bool IsTooDeep(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

const json& Member(const json& object, absl::string_view key) {
  static const json* const null = new json();
  if (!object.is_object()) return *null;
  const auto it = object.find(std::string(key));
  return it == object.end() ? *null : *it;
}

const json& Element(const json& list, size_t index) {
  static const json* const null = new json();
  return list.is_array() && index < list.size() ? list[index] : *null;
}

// "" for what is neither text nor number.
std::string Text(const json& value, size_t max_bytes = kMaxClaimBytes) {
  if (value.is_string()) {
    return CutText(value.get_ref<const std::string&>(), max_bytes);
  }
  return value.is_number() ? value.dump() : "";
}

double Number(const json& value) {
  return value.is_number() ? value.get<double>() : -1;
}

void SetIfEmpty(std::string value, std::string* field) {
  if (field->empty()) *field = std::move(value);
}

// The text that a link ("node id", output) of a graph leads to.
std::string LinkedText(const json& graph, json link) {
  for (int hop = 0; hop < kMaxHops && link.is_array(); ++hop) {
    const json& inputs =
        Member(Member(graph, Text(Element(link, 0))), "inputs");
    const json* next = nullptr;
    for (const char* key : {"text", "text_g", "t5xxl", "string", "value",
                            "conditioning", "positive"}) {
      const json& value = Member(inputs, key);
      if (value.is_string()) return Text(value, kMaxPromptBytes);
      if (next == nullptr && value.is_array()) next = &value;
    }
    if (next == nullptr) break;
    link = json(*next);
  }
  return "";
}

bool IsSampler(const json& inputs) {
  return Member(inputs, "steps").is_number() &&
         (!Member(inputs, "seed").is_null() ||
          !Member(inputs, "noise_seed").is_null());
}

void TakeSampler(const json& graph, const json& inputs, Generator& generator) {
  SetSteps(Number(Member(inputs, "steps")), generator);
  SetGuidance(Number(Member(inputs, "cfg")), generator);
  SetSeed(Text(Member(inputs, "seed")), generator);
  if (generator.seed().empty()) {
    SetSeed(Text(Member(inputs, "noise_seed")), generator);
  }
  generator.set_sampler(Text(Member(inputs, "sampler_name")));
  generator.set_prompt(LinkedText(graph, Member(inputs, "positive")));
  generator.set_negative_prompt(LinkedText(graph, Member(inputs, "negative")));
}

void TakeModel(const json& inputs, Generator& generator) {
  for (const char* key : {"ckpt_name", "unet_name"}) {
    SetIfEmpty(Text(Member(inputs, key)), generator.mutable_name());
  }
}

bool TakeComfyPrompt(const json& graph, EmbeddedClaims& claims) {
  bool is_graph = false;
  int nodes = 0;
  Generator& generator = *claims.mutable_generator();
  for (const json& node : graph) {
    if (++nodes > kMaxNodes) break;
    const json& kind = Member(node, "class_type");
    const json& inputs = Member(node, "inputs");
    if (!kind.is_string() || !inputs.is_object()) continue;
    is_graph = true;
    if (generator.steps() == 0 && IsSampler(inputs)) {
      TakeSampler(graph, inputs, generator);
    }
    TakeModel(inputs, generator);
    if (absl::StartsWith(kind.get_ref<const std::string&>(), "Empty")) {
      SetGeneratedSize(Number(Member(inputs, "width")),
                       Number(Member(inputs, "height")), claims);
    }
  }
  claims.set_parameters_format("comfyui");
  return is_graph;
}

// The drawn graph has values by place only: those of three well-known nodes.
bool TakeComfyWorkflow(const json& workflow, EmbeddedClaims& claims) {
  bool is_workflow = false;
  int nodes = 0;
  Generator& generator = *claims.mutable_generator();
  for (const json& node : Member(workflow, "nodes")) {
    if (++nodes > kMaxNodes) break;
    const std::string kind = Text(Member(node, "type"));
    const json& values = Member(node, "widgets_values");
    is_workflow |= !kind.empty() && !Member(node, "id").is_null();
    if (kind == "KSampler" && generator.steps() == 0) {
      SetSeed(Text(Element(values, 0)), generator);
      SetSteps(Number(Element(values, 2)), generator);
      SetGuidance(Number(Element(values, 3)), generator);
      generator.set_sampler(Text(Element(values, 4)));
    } else if (kind == "CheckpointLoaderSimple") {
      SetIfEmpty(Text(Element(values, 0)), generator.mutable_name());
    } else if (kind == "EmptyLatentImage") {
      SetGeneratedSize(Number(Element(values, 0)), Number(Element(values, 1)),
                       claims);
    }
  }
  claims.set_parameters_format("comfyui");
  return is_workflow;
}

void TakeSize(const json& object, EmbeddedClaims& claims) {
  SetGeneratedSize(Number(Member(object, "width")),
                   Number(Member(object, "height")), claims);
}

bool TakeNovelAi(const json& comment, EmbeddedClaims& claims) {
  Generator& generator = *claims.mutable_generator();
  SetSteps(Number(Member(comment, "steps")), generator);
  SetSeed(Text(Member(comment, "seed")), generator);
  SetGuidance(Number(Member(comment, "scale")), generator);
  generator.set_sampler(Text(Member(comment, "sampler")));
  generator.set_prompt(Text(Member(comment, "prompt"), kMaxPromptBytes));
  generator.set_negative_prompt(Text(Member(comment, "uc"), kMaxPromptBytes));
  TakeSize(comment, claims);
  claims.set_parameters_format("novelai");
  return generator.steps() > 0 && !generator.seed().empty() &&
         !generator.sampler().empty();
}

bool TakeInvokeAi(const json& metadata, EmbeddedClaims& claims) {
  Generator& generator = *claims.mutable_generator();
  SetSteps(Number(Member(metadata, "steps")), generator);
  SetSeed(Text(Member(metadata, "seed")), generator);
  SetGuidance(Number(Member(metadata, "cfg_scale")), generator);
  generator.set_sampler(Text(Member(metadata, "scheduler")));
  generator.set_prompt(
      Text(Member(metadata, "positive_prompt"), kMaxPromptBytes));
  generator.set_negative_prompt(
      Text(Member(metadata, "negative_prompt"), kMaxPromptBytes));
  const json& model = Member(metadata, "model");
  generator.set_name(Text(Member(model, "name")));
  SetIfEmpty(Text(Member(model, "model_name")), generator.mutable_name());
  TakeSize(metadata, claims);
  claims.set_program_version(Text(Member(metadata, "app_version")));
  claims.set_parameters_format("invokeai");
  return Member(metadata, "positive_prompt").is_string() &&
         (generator.steps() > 0 || !generator.seed().empty());
}

}  // namespace

bool TakeGenerationJson(absl::string_view text, EmbeddedClaims& claims) {
  text = absl::StripAsciiWhitespace(text);
  if (!absl::StartsWith(text, "{") || text.size() > kMaxTextBytes ||
      IsTooDeep(text)) {
    return false;
  }
  const json value = json::parse(text.begin(), text.end(), nullptr,
                                 /*allow_exceptions=*/false);
  if (!value.is_object()) return false;
  for (const auto take :
       {TakeComfyPrompt, TakeComfyWorkflow, TakeInvokeAi, TakeNovelAi}) {
    EmbeddedClaims found = claims;
    found.clear_generator();
    found.clear_generated_width();
    found.clear_generated_height();
    found.clear_program_version();
    if (!take(value, found)) continue;
    claims = std::move(found);
    return true;
  }
  return false;
}

}  // namespace verso
