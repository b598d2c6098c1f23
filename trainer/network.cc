#include "trainer/network.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trainer/efficientnet.h"

namespace verso {

absl::StatusOr<std::shared_ptr<Network>> MakeNetwork(absl::string_view model) {
  for (const EfficientNetConfig& config : EfficientNetConfigs()) {
    if (model == config.name) return MakeEfficientNet(config);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no model \"", model, "\"; there are ",
                   absl::StrJoin(NetworkNames(), ", ")));
}

std::vector<std::string> NetworkNames() {
  std::vector<std::string> names;
  for (const EfficientNetConfig& config : EfficientNetConfigs()) {
    names.push_back(config.name);
  }
  return names;
}

}  // namespace verso
