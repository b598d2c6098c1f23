#ifndef VERSO_TRAINER_FEATURES_MAIN_H_
#define VERSO_TRAINER_FEATURES_MAIN_H_

#include <filesystem>
#include <string>

#include "trainer/checkpoint_manifest.h"
#include "trainer/classifier.h"

namespace verso {

// What the flags that training has too say.
struct FeatureRequest {
  std::string store;  // As OpenShardStore() takes it.
  // With weights: instead of a checkpoint.
  std::string model;
  std::filesystem::path weights;
  TransformOptions transforms;  // Of `weights`; a checkpoint has its own.
  Device device = Device::kAuto;
};

// `trainer features`, whose other flags are in the .cc file. Returns the exit
// code: 0 done, 1 failed, 2 usage, 75 stopped with what was done saved.
int FeaturesMain(const FeatureRequest& request);

}  // namespace verso

#endif  // VERSO_TRAINER_FEATURES_MAIN_H_
