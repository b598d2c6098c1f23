#include "ingest/import/import_recipe.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"
#include "ingest/import/path_rules.h"
#include "ingest/import/picture_metadata.h"
#include "ingest/import/shipped_import_recipes.h"

namespace verso {
namespace {

constexpr int64_t kMaxRecipeBytes = 1 << 20;

absl::Status ValidateImportRecipe(const ImportRecipe& recipe) {
  if (!recipe.source().empty() && !IsSourceName(recipe.source())) {
    return absl::InvalidArgumentError(
        "source must be letters, digits, \"-\" and \"_\"");
  }
  RETURN_IF_ERROR(PathRules::Compile(recipe).status());
  return MetadataRules::Compile(recipe).status();
}

}  // namespace

std::string ShippedImportRecipes() {
  std::string lines;
  for (const ShippedImportRecipe& shipped : kShippedImportRecipes) {
    const absl::StatusOr<ImportRecipe> recipe = LoadImportRecipe(shipped.name);
    absl::StrAppend(&lines, shipped.name, ": ",
                    recipe.ok() ? recipe->description()
                                : std::string(recipe.status().message()),
                    "\n");
  }
  return lines;
}

absl::StatusOr<ImportRecipe> LoadImportRecipe(absl::string_view name_or_file) {
  if (absl::StrContains(name_or_file, "/") ||
      absl::EndsWith(name_or_file, ".textproto")) {
    const std::filesystem::path file = ResolveUserPath(name_or_file);
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxRecipeBytes));
    return ParseImportRecipe(text, file.string());
  }
  std::vector<std::string> names;
  for (const ShippedImportRecipe& recipe : kShippedImportRecipes) {
    names.push_back(recipe.name);
    if (name_or_file != recipe.name) continue;
    return ParseImportRecipe(
        recipe.text,
        absl::StrCat("ingest/import/recipes/", recipe.name, ".textproto"));
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no recipe ", name_or_file, "; there are ",
      absl::StrJoin(names, ", "),
      ", and a recipe of your own is given as a file FILE.textproto"));
}

absl::StatusOr<ImportRecipe> ParseImportRecipe(absl::string_view text,
                                               absl::string_view file) {
  ImportRecipe recipe;
  RETURN_IF_ERROR(ParseTextProto(text, file, recipe));
  const absl::Status status = ValidateImportRecipe(recipe);
  if (status.ok()) return recipe;
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
}

bool IsSourceName(absl::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

}  // namespace verso
