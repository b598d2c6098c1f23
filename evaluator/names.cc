#include "evaluator/names.h"

#include <charconv>

#include "shardstore/sample_table.h"

namespace verso {
namespace {

template <typename Float>
std::string Shortest(Float value) {
  char text[64];
  const std::to_chars_result end = std::to_chars(text, text + 64, value);
  return std::string(text, end.ptr);
}

}  // namespace

std::string ExposureName(Exposure exposure) {
  switch (exposure) {
    case Exposure::kSameSource:
      return "same_source";
    case Exposure::kSameFamily:
      return "same_family";
    case Exposure::kUnseen:
      return "unseen";
    case Exposure::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::optional<Label> LabelFromName(absl::string_view name) {
  const absl::StatusOr<Label> label = LabelOfName(name);
  if (!label.ok()) return std::nullopt;
  return *label;
}

std::optional<Split> SplitFromName(absl::string_view name) {
  for (int i = Split_MIN; i <= Split_MAX; ++i) {
    if (Split_IsValid(i) && SplitName(Split(i)) == name) return Split(i);
  }
  return std::nullopt;
}

std::optional<Exposure> ExposureFromName(absl::string_view name) {
  for (const Exposure exposure : {Exposure::kSameSource, Exposure::kSameFamily,
                                  Exposure::kUnseen, Exposure::kUnknown}) {
    if (ExposureName(exposure) == name) return exposure;
  }
  return std::nullopt;
}

std::string ShortestText(double value) { return Shortest(value); }
std::string ShortestText(float value) { return Shortest(value); }

}  // namespace verso
