#ifndef VERSO_INGEST_IMPORT_SHIPPED_IMPORT_RECIPES_H_
#define VERSO_INGEST_IMPORT_SHIPPED_IMPORT_RECIPES_H_

#include "absl/types/span.h"

namespace verso {

struct ShippedImportRecipe {
  const char* name;  // The file's name without ".textproto".
  const char* text;
};

// ingest/import/recipes/*.textproto, compiled in so that a binary that is
// copied elsewhere has them.
extern const absl::Span<const ShippedImportRecipe> kShippedImportRecipes;

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_SHIPPED_IMPORT_RECIPES_H_
