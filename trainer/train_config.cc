#include "trainer/train_config.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

absl::Status CheckRange(bool ok, absl::string_view flag, double value,
                        absl::string_view range) {
  if (ok) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", value, " must be ", range));
}

// The differencer's lines, 'modified: seed: 1 -> 2', as 'seed: 1 -> 2, ...'.
std::string JoinReport(absl::string_view report) {
  std::string joined;
  for (absl::string_view line :
       absl::StrSplit(report, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "ignored: ")) continue;
    absl::ConsumePrefix(&line, "modified: ");
    absl::ConsumePrefix(&line, "added: ");
    absl::ConsumePrefix(&line, "deleted: ");
    absl::StrAppend(&joined, joined.empty() ? "" : ", ", line);
  }
  return joined;
}

}  // namespace

TransformOptions TransformsOf(const TrainConfig& config) {
  TransformOptions transforms;
  transforms.image_size = config.image_size();
  transforms.image_fit = config.image_fit();
  transforms.blur_sigma = config.blur_sigma();
  transforms.noise_sigma = config.noise_sigma();
  transforms.grayscale = config.grayscale();
  transforms.normalize = config.normalize();
  return transforms;
}

absl::Status CheckConfig(const TrainConfig& config) {
  const double lr = config.learning_rate();
  RETURN_IF_ERROR(CheckRange(std::isfinite(lr) && lr >= 0, "lr", lr,
                             "a finite number of at least 0"));
  const double decay = config.weight_decay();
  RETURN_IF_ERROR(CheckRange(std::isfinite(decay) && decay >= 0, "weight_decay",
                             decay, "a finite number of at least 0"));
  RETURN_IF_ERROR(
      CheckRange(config.global_batch() >= 1 && config.global_batch() <= 1 << 20,
                 "batch_size", config.global_batch(), "in 1..1048576"));
  RETURN_IF_ERROR(CheckRange(config.global_batch() >= config.world_size(),
                             "batch_size", config.global_batch(),
                             absl::StrCat("at least the number of ranks (",
                                          config.world_size(), ")")));
  RETURN_IF_ERROR(CheckRange(config.epochs() >= 1, "epochs", config.epochs(),
                             "at least 1"));
  RETURN_IF_ERROR(CheckRange(config.max_steps() >= 0, "max_steps",
                             config.max_steps(), "at least 0"));
  RETURN_IF_ERROR(CheckRange(config.validate_every_steps() >= 0,
                             "validate_every_steps",
                             config.validate_every_steps(), "at least 0"));
  return CheckRange(config.alpha() >= 0 && config.alpha() < 1, "alpha",
                    config.alpha(), "in [0, 1)");
}

std::string DescribeDifference(const TrainConfig& first,
                               const TrainConfig& second) {
  google::protobuf::util::MessageDifferencer differencer;
  for (const char* name :
       {"store", "epochs", "max_steps", "world_size", "threads"}) {
    differencer.IgnoreField(TrainConfig::descriptor()->FindFieldByName(name));
  }
  differencer.set_message_field_comparison(
      google::protobuf::util::MessageDifferencer::EQUIVALENT);
  std::string report;
  differencer.ReportDifferencesToString(&report);
  if (differencer.Compare(first, second)) return "";
  return JoinReport(report);
}

}  // namespace verso
