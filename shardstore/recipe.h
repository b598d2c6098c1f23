#ifndef VERSO_SHARDSTORE_RECIPE_H_
#define VERSO_SHARDSTORE_RECIPE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"

namespace verso {

// Names of the recipes that Verso ships (shardstore/datasets/), in order.
std::vector<std::string> ShippedRecipes();

// A shipped recipe by its name ("d4_fair"), or a recipe of one's own by its
// file: anything with a "/" or ending in ".textproto".
// kNotFound: no such name (there is a list) or file. kInvalidArgument: the file
// is not a recipe, or a wrong one; the message begins with "FILE:LINE:" or
// names the file and the field.
absl::StatusOr<DatasetRecipe> LoadRecipe(absl::string_view name_or_file);

// A recipe as a text; `file` is what errors call it.
absl::StatusOr<DatasetRecipe> ParseRecipe(absl::string_view text,
                                          absl::string_view file);

// kInvalidArgument names the field: "source[1].count is -3, must not be
// negative".
absl::Status ValidateRecipe(const DatasetRecipe& recipe);

// The recipe with every default written out and the preparation on each source:
// equal recipes become equal messages. REQUIRES: it is valid.
DatasetRecipe NormalizeRecipe(DatasetRecipe recipe);

// How many of `available` records a source of a normalized recipe takes:
// `count` (0: all of them) scaled by `fraction` and rounded up, but never less
// than kMinScaledRecords of it, so that a small fraction still gives every
// source a usable handful; and never more than there are.
inline constexpr int64_t kMinScaledRecords = 32;
int64_t ScaledCount(int64_t count, double fraction, int64_t available);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_RECIPE_H_
