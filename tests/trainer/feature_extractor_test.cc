#include "trainer/feature_extractor.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "c10/core/InferenceMode.h"
#include "common/image/encode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/test_network.h"
#include "tests/trainer/test_pictures.h"
#include "trainer/checkpoint.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kModel[] = "efficientnet_lite0";

TransformOptions Transforms() {
  TransformOptions transforms;
  transforms.image_size = 64;
  return transforms;
}

// Made once: it takes a second.
std::shared_ptr<Network> TestNetwork() {
  static const auto& network =
      *new std::shared_ptr<Network>(testing::MakeSettledNetwork());
  return network;
}

fs::path WriteCheckpoint(const std::string& name,
                         const TransformOptions& transforms = Transforms()) {
  CheckpointManifest manifest;
  manifest.kind = CheckpointKind::kScored;
  manifest.model = kModel;
  manifest.transforms = transforms;
  return CommitCheckpoint(testing::MakeTestDir(name), manifest,
                          StateOf(*TestNetwork()), {})
      .value();
}

std::string PictureNumber(int i) {
  return EncodePng(testing::MakePicture(80, 64 + i, i + 1)).value();
}

class Pictures : public ImageSource {
 public:
  explicit Pictures(std::vector<std::string> images)
      : images_(std::move(images)) {}
  absl::StatusOr<std::optional<ClassifierInput>> Next() override {
    if (next_ == images_.size()) return std::nullopt;
    const size_t i = next_++;
    return ClassifierInput{.index = 100 + i,
                           .sample_id = "id" + std::to_string(i),
                           .image = images_[i]};
  }

 private:
  const std::vector<std::string> images_;
  size_t next_ = 0;
};

class Kept : public FeatureSink {
 public:
  absl::Status Add(const PictureFeatures& features) override {
    indices.push_back(features.index);
    statuses.push_back(features.status);
    rows.emplace_back(features.values.begin(), features.values.end());
    return absl::OkStatus();
  }
  std::vector<uint64_t> indices;
  std::vector<absl::Status> statuses;
  std::vector<std::vector<float>> rows;
};

Kept Extract(FeatureExtractor& extractor, std::vector<std::string> images) {
  Pictures pictures(std::move(images));
  Kept kept;
  EXPECT_OK(extractor.Extract(pictures, kept));
  return kept;
}

Kept ExtractFive(FeatureExtractor& extractor) {
  std::vector<std::string> images;
  for (int i = 0; i < 5; ++i) images.push_back(PictureNumber(i));
  return Extract(extractor, std::move(images));
}

TEST(FeatureExtractorTest, GivesTheNetworksPooledFeaturesInOrder) {
  ASSERT_OK_AND_ASSIGN(
      const auto extractor,
      LoadFeatureExtractor(WriteCheckpoint("rows"), {.batch_size = 2}));
  const Kept kept = ExtractFive(*extractor);
  ASSERT_EQ(kept.rows.size(), 5u);
  const c10::InferenceMode guard;
  for (int i = 0; i < 5; ++i) {
    const at::Tensor pixels =
        DecodeForNetwork(PictureNumber(i), Transforms(), std::nullopt).value();
    const at::Tensor map = TestNetwork()->Features(
        ApplyTransforms(pixels.unsqueeze(0), Transforms(), {}));
    const at::Tensor expected = map.mean({2, 3}).flatten();
    EXPECT_EQ(kept.indices[i], 100u + i);
    ASSERT_EQ(kept.rows[i].size(), 1280u);
    EXPECT_TRUE(at::allclose(at::tensor(kept.rows[i]), expected, 1e-4, 1e-5))
        << i;
  }
  EXPECT_FALSE(at::allclose(at::tensor(kept.rows[0]), at::tensor(kept.rows[1]),
                            1e-2, 1e-3));
}

TEST(FeatureExtractorTest, AnUnreadablePictureHasAStatusInItsPlace) {
  ASSERT_OK_AND_ASSIGN(const auto extractor,
                       LoadFeatureExtractor(WriteCheckpoint("broken"), {}));
  const Kept kept =
      Extract(*extractor, {PictureNumber(0), "no picture", PictureNumber(1)});
  ASSERT_EQ(kept.rows.size(), 3u);
  EXPECT_FALSE(kept.statuses[1].ok());
  EXPECT_TRUE(kept.rows[1].empty());
  EXPECT_OK(kept.statuses[2]);
  const Kept alone = Extract(*extractor, {PictureNumber(1)});
  EXPECT_TRUE(at::allclose(at::tensor(kept.rows[2]), at::tensor(alone.rows[0]),
                           1e-4, 1e-5));
}

TEST(FeatureExtractorTest, NoPictureCanBeReadAndNothingBreaks) {
  ASSERT_OK_AND_ASSIGN(const auto extractor,
                       LoadFeatureExtractor(WriteCheckpoint("none"), {}));
  const Kept kept = Extract(*extractor, {"", "x"});
  ASSERT_EQ(kept.statuses.size(), 2u);
  EXPECT_FALSE(kept.statuses[0].ok());
}

TEST(FeatureExtractorTest, AFileOfWeightsIsAsGoodAsACheckpoint) {
  const fs::path checkpoint = WriteCheckpoint("same");
  ASSERT_OK_AND_ASSIGN(const auto loaded, LoadFeatureExtractor(checkpoint, {}));
  ASSERT_OK_AND_ASSIGN(
      const auto made,
      MakeFeatureExtractor(kModel, checkpoint / std::string(kWeightsName),
                           Transforms(), {}));
  EXPECT_EQ(made->identity(), loaded->identity());
  const Kept a = ExtractFive(*loaded), b = ExtractFive(*made);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(a.rows[i], b.rows[i]);
}

TEST(FeatureExtractorTest, OtherTransformsAreAnotherIdentity) {
  ASSERT_OK_AND_ASSIGN(const auto plain,
                       LoadFeatureExtractor(WriteCheckpoint("plain"), {}));
  EXPECT_THAT(plain->identity(), HasSubstr(kModel));
  for (const auto change :
       {+[](TransformOptions& t) { t.image_size = 96; },
        +[](TransformOptions& t) { t.image_fit = "crop"; },
        +[](TransformOptions& t) { t.blur_sigma = 2; },
        +[](TransformOptions& t) { t.noise_sigma = 0.1; },
        +[](TransformOptions& t) { t.grayscale = true; },
        +[](TransformOptions& t) { t.normalize = false; }}) {
    TransformOptions transforms = Transforms();
    change(transforms);
    ASSERT_OK_AND_ASSIGN(
        const auto other,
        LoadFeatureExtractor(WriteCheckpoint("other", transforms), {}));
    EXPECT_NE(other->identity(), plain->identity());
  }
}

TEST(FeatureExtractorTest, SaysWhatIsMissingOrWrong) {
  EXPECT_THAT(LoadFeatureExtractor("/nonexistent/checkpoint", {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      MakeFeatureExtractor(kModel, "/nonexistent/w.safetensors", {}, {}),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent/")));
  EXPECT_THAT(MakeFeatureExtractor("vgg", "/w", Transforms(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("vgg")));
  EXPECT_THAT(MakeFeatureExtractor(kModel, "/w", {.image_size = 1}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(LoadFeatureExtractor("/w", {.batch_size = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace verso
