#ifndef VERSO_SHARDSTORE_SHIPPED_RECIPES_H_
#define VERSO_SHARDSTORE_SHIPPED_RECIPES_H_

#include "absl/types/span.h"

namespace verso {

struct ShippedRecipe {
  const char* name;  // The file's name without ".textproto".
  const char* text;
};

// shardstore/datasets/*.textproto, compiled in so that a binary that is copied
// elsewhere has them.
extern const absl::Span<const ShippedRecipe> kShippedRecipes;

}  // namespace verso

#endif  // VERSO_SHARDSTORE_SHIPPED_RECIPES_H_
