#ifndef VERSO_EVALUATOR_NAMES_H_
#define VERSO_EVALUATOR_NAMES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"
#include "proto/provenance.pb.h"

namespace verso {

// What a detector saw of a source while it was trained.
enum class Exposure {
  kSameSource,  // The source itself is in the train split.
  kSameFamily,  // Generated; another source of its family is in there.
  kUnseen,      // Neither.
  kUnknown,     // Nobody said what it was trained on.
};

// "same_source", "same_family", "unseen", "unknown".
std::string ExposureName(Exposure exposure);

// The inverse of that, and of LabelName() and SplitName() (sample_table.h).
// nullopt: not one of the words.
std::optional<Label> LabelFromName(absl::string_view name);
std::optional<Split> SplitFromName(absl::string_view name);
std::optional<Exposure> ExposureFromName(absl::string_view name);

// The shortest decimal text that reads back as the same number.
std::string ShortestText(double value);
std::string ShortestText(float value);

}  // namespace verso

#endif  // VERSO_EVALUATOR_NAMES_H_
