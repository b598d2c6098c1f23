#include "ingest/scrapers/artbench_batch.h"

#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"
#include "common/image/encode.h"
#include "common/image/image.h"

namespace verso {
namespace {

constexpr int kSide = 32;
constexpr size_t kPlane = kSide * kSide;

}  // namespace

std::optional<BatchPlace> PlaceOfBatch(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  absl::string_view name = parts.back();
  if (name == "test_batch.bin") return BatchPlace{"test", 0};
  if (!absl::ConsumePrefix(&name, "data_batch_") ||
      !absl::ConsumeSuffix(&name, ".bin") || name.size() != 1 ||
      name[0] < '1' || name[0] > '5') {
    return std::nullopt;
  }
  return BatchPlace{"train", (name[0] - '1') * kBatchPictures};
}

absl::StatusOr<std::string> PngOfBatchPicture(absl::string_view picture) {
  VERSO_CHECK(static_cast<int64_t>(picture.size()) == kBatchPictureBytes);
  picture.remove_prefix(1);
  Image image{kSide, kSide, {}};
  image.rgb.reserve(3 * kPlane);
  for (size_t i = 0; i < kPlane; ++i) {
    for (size_t channel = 0; channel < 3; ++channel) {
      image.rgb.push_back(static_cast<uint8_t>(picture[channel * kPlane + i]));
    }
  }
  return EncodePng(image, {{"Comment",
                            "Encoded by Verso from the raw pixels of ArtBench-"
                            "10's binary batches"}});
}

}  // namespace verso
