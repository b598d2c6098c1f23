#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/import/import_recipe.h"
#include "ingest/import/path_rules.h"
#include "ingest/import/picture_metadata.h"

// Whatever a recipe is, reading it ends with a status, and one that is right
// can be used. The bytes after the first NUL are a path and a table.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = bytes.find('\0');
  const auto recipe = verso::ParseImportRecipe(bytes.substr(0, end), "fuzz");
  if (!recipe.ok() || end == bytes.npos) return 0;
  const std::string rest = bytes.substr(end + 1);
  (void)verso::PathRules::Compile(*recipe)->Apply(rest);
  const auto rules = verso::MetadataRules::Compile(*recipe);
  if (const auto* rule = rules->FirstTable()) {
    verso::PictureMetadata metadata;
    (void)metadata.Add(*rule, "t.json", "", rest);
  }
  return 0;
}
