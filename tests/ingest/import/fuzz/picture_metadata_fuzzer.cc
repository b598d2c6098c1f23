#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/import/import_recipe.h"
#include "ingest/import/picture_metadata.h"

namespace {

verso::MetadataRules RulesOf(const char* recipe) {
  return verso::MetadataRules::Compile(verso::LoadImportRecipe(recipe).value())
      .value();
}

}  // namespace

// Whatever a table or a sidecar holds, reading it ends with a status, and what
// is taken from it can be kept.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& plain = *new verso::MetadataRules(RulesOf("plain"));
  static const auto& by_name =
      *new verso::MetadataRules(RulesOf("diffusiondb"));
  static const auto& texts = *new verso::MetadataRules(RulesOf("prompts"));
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const struct {
    const verso::MetadataRules& rules;
    const char* path;
  } kinds[] = {{plain, "metadata.csv"},  {plain, "metadata.jsonl"},
               {plain, "metadata.json"}, {plain, "a.json"},
               {by_name, "part-1.json"}, {texts, "a.txt"}};
  const auto& kind = kinds[data[0] % 6];
  verso::PictureMetadata metadata;
  if (!metadata.Add(*kind.rules.Find(kind.path), kind.path, "", bytes).ok()) {
    return 0;
  }
  verso::KnownOfPicture known;
  if (metadata.Find("a.jpg", known).ok()) {
    std::string kept;
    // Text that is not UTF-8 would not come back.
    if (!known.provenance.SerializeToString(&kept) ||
        !verso::Provenance().ParseFromString(kept)) {
      __builtin_trap();
    }
  }
  return 0;
}
