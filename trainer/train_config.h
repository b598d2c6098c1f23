#ifndef VERSO_TRAINER_TRAIN_CONFIG_H_
#define VERSO_TRAINER_TRAIN_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "proto/run.pb.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// The transforms that a run trains and is scored with.
TransformOptions TransformsOf(const TrainConfig& config);

// kInvalidArgument: a value out of its range; its flag is named.
absl::Status CheckConfig(const TrainConfig& config);

// What makes two runs different runs, as "learning_rate: 1e-06 -> 0.0001, ...";
// empty when the second may go on with the first. Where the store is, how many
// ranks and threads compute and how long it goes on are not compared.
std::string DescribeDifference(const TrainConfig& first,
                               const TrainConfig& second);

}  // namespace verso

#endif  // VERSO_TRAINER_TRAIN_CONFIG_H_
