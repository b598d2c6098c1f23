#include "shardstore/recipe.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/file.h"
#include "common/base/paths.h"
#include "common/base/status_macros.h"
#include "common/base/text_proto.h"
#include "shardstore/shipped_recipes.h"

namespace verso {
namespace {

constexpr int64_t kMaxRecipeBytes = 1 << 20;
constexpr int kMinSize = 16;    // Pixels.
constexpr int kMaxSize = 4096;  // Pixels.
// The shares of the study.
constexpr double kDefaultValidation = 0.18;
constexpr double kDefaultTest = 0.10;
constexpr int kDefaultJpegQuality = 95;

absl::Status Wrong(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, " ", what));
}

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

absl::Status ValidatePreparation(const Preparation& preparation,
                                 absl::string_view field) {
  if (preparation.mode() == PREPARATION_MODE_UNSPECIFIED) {
    return Wrong(absl::StrCat(field, ".mode"),
                 "is missing: AS_IS, SQUARE_RESIZE or NATIVE_CROP");
  }
  if (!PreparationMode_IsValid(preparation.mode())) {
    return Wrong(absl::StrCat(field, ".mode"), "is unknown");
  }
  const int size = preparation.size();
  if (preparation.mode() != AS_IS && (size < kMinSize || size > kMaxSize)) {
    return Wrong(absl::StrCat(field, ".size"),
                 absl::StrCat("is ", size, ", must be ", kMinSize, " to ",
                              kMaxSize, " pixels"));
  }
  if (preparation.jpeg_quality() < 0 || preparation.jpeg_quality() > 100) {
    return Wrong(
        absl::StrCat(field, ".jpeg_quality"),
        absl::StrCat("is ", preparation.jpeg_quality(), ", must be 1 to 100"));
  }
  return absl::OkStatus();
}

absl::Status ValidateSource(const SourceSelection& source,
                            const DatasetRecipe& recipe,
                            absl::string_view field) {
  if (!IsName(source.source())) {
    return Wrong(absl::StrCat(field, ".source"),
                 "must be a source's name such as wga");
  }
  const bool trainable =
      source.label() == LABEL_HUMAN || source.label() == LABEL_GENERATED;
  if (!trainable && !(source.held_out() && source.label() == LABEL_MIXED)) {
    return Wrong(absl::StrCat(field, ".label"),
                 "must be LABEL_HUMAN or LABEL_GENERATED (LABEL_MIXED is for "
                 "held-out sources)");
  }
  if (source.count() < 0) {
    return Wrong(absl::StrCat(field, ".count"),
                 absl::StrCat("is ", source.count(), ", must not be negative"));
  }
  if (!BalanceBy_IsValid(source.balance_by())) {
    return Wrong(absl::StrCat(field, ".balance_by"), "is unknown");
  }
  if (source.has_preparation()) {
    return ValidatePreparation(source.preparation(),
                               absl::StrCat(field, ".preparation"));
  }
  return ValidatePreparation(recipe.preparation(), "preparation");
}

absl::Status ValidateSources(const DatasetRecipe& recipe) {
  std::set<std::pair<std::string, Label>> seen;
  std::set<Label> trained;
  for (int i = 0; i < recipe.source_size(); ++i) {
    const SourceSelection& source = recipe.source(i);
    const std::string field = absl::StrCat("source[", i, "]");
    RETURN_IF_ERROR(ValidateSource(source, recipe, field));
    if (!seen.insert({source.source(), source.label()}).second) {
      return Wrong(
          absl::StrCat(field, ".source"),
          absl::StrCat("repeats ", source.source(), " with the same label"));
    }
    if (!source.held_out()) trained.insert(source.label());
  }
  if (!trained.contains(LABEL_HUMAN) || !trained.contains(LABEL_GENERATED)) {
    return Wrong("source",
                 "needs at least one human and one generated source "
                 "that is not held out");
  }
  return absl::OkStatus();
}

bool IsShare(double value) { return value >= 0 && value < 1; }  // Not NaN.

absl::Status ValidateSplit(const SplitPolicy& split) {
  if (!IsShare(split.validation())) {
    return Wrong("split.validation", "must be in [0, 1)");
  }
  if (!IsShare(split.test())) return Wrong("split.test", "must be in [0, 1)");
  if (split.validation() + split.test() >= 1) {
    return Wrong("split",
                 "leaves nothing to train on: validation and test "
                 "must be less than 1 together");
  }
  return absl::OkStatus();
}

bool IsFile(absl::string_view name_or_file) {
  return absl::StrContains(name_or_file, "/") ||
         absl::EndsWith(name_or_file, ".textproto");
}

}  // namespace

std::vector<std::string> ShippedRecipes() {
  std::vector<std::string> names;
  for (const ShippedRecipe& recipe : kShippedRecipes) {
    names.push_back(recipe.name);
  }
  return names;
}

absl::StatusOr<DatasetRecipe> LoadRecipe(absl::string_view name_or_file) {
  if (IsFile(name_or_file)) {
    const std::filesystem::path file = ResolveUserPath(name_or_file);
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxRecipeBytes));
    return ParseRecipe(text, file.string());
  }
  for (const ShippedRecipe& recipe : kShippedRecipes) {
    if (name_or_file != recipe.name) continue;
    return ParseRecipe(recipe.text, absl::StrCat("shardstore/datasets/",
                                                 recipe.name, ".textproto"));
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no recipe ", name_or_file, "; there are ",
      absl::StrJoin(ShippedRecipes(), ", "),
      ", and a recipe of your own is given as a file FILE.textproto"));
}

absl::StatusOr<DatasetRecipe> ParseRecipe(absl::string_view text,
                                          absl::string_view file) {
  DatasetRecipe recipe;
  RETURN_IF_ERROR(ParseTextProto(text, file, recipe));
  const absl::Status status = ValidateRecipe(recipe);
  if (status.ok()) return recipe;
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
}

absl::Status ValidateRecipe(const DatasetRecipe& recipe) {
  if (!IsName(recipe.name())) {
    return Wrong("name", "must be letters, digits, '_', '-' and '.'");
  }
  RETURN_IF_ERROR(ValidateSources(recipe));
  RETURN_IF_ERROR(ValidateSplit(recipe.split()));
  if (!(recipe.fraction() >= 0 && recipe.fraction() <= 1)) {
    return Wrong("fraction", "must be in [0, 1] (0 means 1)");
  }
  return absl::OkStatus();
}

DatasetRecipe NormalizeRecipe(DatasetRecipe recipe) {
  for (SourceSelection& source : *recipe.mutable_source()) {
    if (!source.has_preparation()) {
      *source.mutable_preparation() = recipe.preparation();
    }
    Preparation& preparation = *source.mutable_preparation();
    if (preparation.mode() == AS_IS) preparation.clear_size();
    if (preparation.jpeg_quality() == 0) {
      preparation.set_jpeg_quality(kDefaultJpegQuality);
    }
  }
  recipe.clear_preparation();
  SplitPolicy& split = *recipe.mutable_split();
  if (split.validation() == 0) split.set_validation(kDefaultValidation);
  if (split.test() == 0) split.set_test(kDefaultTest);
  if (recipe.fraction() == 0) recipe.set_fraction(1);
  return recipe;
}

int64_t ScaledCount(int64_t count, double fraction, int64_t available) {
  const int64_t asked = count == 0 ? available : count;
  const int64_t scaled =
      static_cast<int64_t>(std::ceil(static_cast<double>(asked) * fraction));
  return std::min({std::max(scaled, kMinScaledRecords), asked, available});
}

}  // namespace verso
