#ifndef VERSO_INGEST_IMPORT_IMPORT_RECIPE_H_
#define VERSO_INGEST_IMPORT_IMPORT_RECIPE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/import_recipe.pb.h"

namespace verso {

// "plain: pictures, with a ..." of each recipe that Verso ships
// (ingest/import/recipes/), a line each, in order.
std::string ShippedImportRecipes();

// A shipped recipe by its name ("diffusiondb"), or one of your own by its
// file: anything with a "/" or ending in ".textproto".
// kNotFound: no such name (there is a list) or file. kInvalidArgument: the file
// is no recipe, or a wrong one; the message begins with "FILE:LINE:" or names
// the file and the field.
absl::StatusOr<ImportRecipe> LoadImportRecipe(absl::string_view name_or_file);

// A recipe as a text; `file` is what errors call it.
absl::StatusOr<ImportRecipe> ParseImportRecipe(absl::string_view text,
                                               absl::string_view file);

// True for letters, digits, "-" and "_", 1 to 64 of them.
bool IsSourceName(absl::string_view name);

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_IMPORT_RECIPE_H_
