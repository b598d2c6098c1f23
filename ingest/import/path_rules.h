#ifndef VERSO_INGEST_IMPORT_PATH_RULES_H_
#define VERSO_INGEST_IMPORT_PATH_RULES_H_

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/import_recipe.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// A pattern of an import recipe: RE2 that does not print, and whose "." also
// matches an end of line (names are hostile).
// kInvalidArgument: it is no pattern; `field` is named.
absl::StatusOr<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern,
                                                    const std::string& field);

// What the paths of pictures say of them, by a recipe's rules. Takes time
// linear in a path's length. Thread-compatible.
class PathRules {
 public:
  // kInvalidArgument names the rule: "rule[1].path ...".
  static absl::StatusOr<PathRules> Compile(const ImportRecipe& recipe);

  // nullopt: there are rules, and none matches.
  std::optional<Provenance> Apply(const std::string& path) const;

 private:
  struct Rule {
    std::unique_ptr<RE2> path;  // Null: any.
    Provenance set;
  };

  std::vector<Rule> rules_;
};

}  // namespace verso

#endif  // VERSO_INGEST_IMPORT_PATH_RULES_H_
