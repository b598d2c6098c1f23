#include "evaluator/exposure.h"

namespace verso {

TrainedOn::TrainedOn(const std::vector<SampleRow>& samples) {
  for (const SampleRow& sample : samples) {
    if (sample.split != SPLIT_TRAIN) continue;
    if (sample.label != LABEL_HUMAN && sample.label != LABEL_GENERATED)
      continue;
    sources_.insert(sample.source);
    if (sample.label == LABEL_GENERATED) families_.insert(sample.family);
  }
  families_.erase("");  // Two unknown generators are not one family.
}

Exposure TrainedOn::ExposureOf(absl::string_view source, Label label,
                               absl::string_view family) const {
  if (sources_.contains(std::string(source))) return Exposure::kSameSource;
  if (label == LABEL_GENERATED && families_.contains(std::string(family))) {
    return Exposure::kSameFamily;
  }
  return Exposure::kUnseen;
}

ScoreRow ScoreRowOf(const SampleRow& sample, const TrainedOn& trained_on) {
  return {.sample_id = sample.sample_id,
          .source = sample.source,
          .collection = sample.collection,
          .family = sample.family,
          .generator = sample.generator,
          .label = sample.label,
          .exposure =
              trained_on.ExposureOf(sample.source, sample.label, sample.family),
          .split = sample.split,
          .work = sample.work};
}

}  // namespace verso
