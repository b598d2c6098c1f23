#include "trainer/classifier.h"

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ATen.h"
#include "c10/core/InferenceMode.h"
#include "common/base/file.h"
#include "common/image/encode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"
#include "tests/trainer/test_network.h"
#include "tests/trainer/test_pictures.h"
#include "trainer/checkpoint.h"
#include "trainer/network.h"
#include "trainer/transforms.h"
#include "trainer/weights.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::StatusIs;

CheckpointManifest Manifest() {
  CheckpointManifest manifest;
  manifest.kind = CheckpointKind::kScored;
  manifest.model = "efficientnet_lite0";
  manifest.transforms.image_size = 64;
  return manifest;
}

// Made once: it takes a second.
std::shared_ptr<Network> TestNetwork() {
  static const auto& network =
      *new std::shared_ptr<Network>(testing::MakeSettledNetwork());
  return network;
}

fs::path WriteCheckpoint(const std::string& name,
                         const CheckpointManifest& manifest = Manifest()) {
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
    if (next_ == images_.size()) {
      if (!end_.ok()) return end_;
      return std::nullopt;
    }
    const size_t i = next_++;
    return ClassifierInput{.index = 100 + i,
                           .sample_id = "id" + std::to_string(i),
                           .image = images_[i]};
  }
  void FailAtTheEnd(absl::Status status) { end_ = std::move(status); }

 private:
  std::vector<std::string> images_;
  absl::Status end_;
  size_t next_ = 0;
};

Pictures ManyPictures(int n) {
  std::vector<std::string> images;
  for (int i = 0; i < n; ++i) images.push_back(PictureNumber(i));
  return Pictures(std::move(images));
}

class Kept : public PredictionSink {
 public:
  absl::Status Add(const Prediction& prediction) override {
    all.push_back(prediction);
    return all.size() == fail_at ? absl::AbortedError("full") : absl::Status();
  }
  std::vector<Prediction> all;
  size_t fail_at = 0;
};

std::vector<Prediction> PredictAll(const fs::path& checkpoint, int pictures,
                                   const ClassifierOptions& options) {
  const auto classifier = LoadClassifier(checkpoint, options).value();
  Pictures source = ManyPictures(pictures);
  Kept kept;
  EXPECT_OK(classifier->Predict(source, kept));
  return kept.all;
}

TEST(ClassifierTest, GivesTheNetworksLogitsInOrder) {
  const auto predictions =
      PredictAll(WriteCheckpoint("logits"), 5, {.batch_size = 2});
  ASSERT_EQ(predictions.size(), 5u);
  const auto network = TestNetwork();
  const c10::InferenceMode guard;
  for (int i = 0; i < 5; ++i) {
    const TransformOptions options = Manifest().transforms;
    const at::Tensor pixels =
        DecodeForNetwork(PictureNumber(i), options, std::nullopt).value();
    const at::Tensor logit =
        network->forward(ApplyTransforms(pixels.unsqueeze(0), options, {}));
    EXPECT_EQ(predictions[i].index, 100u + i);
    EXPECT_EQ(predictions[i].draw, 0);
    EXPECT_NEAR(predictions[i].logit, logit.item<float>(), 1e-4);
  }
  EXPECT_GT(std::abs(predictions[0].logit - predictions[1].logit), 1e-3);
}

TEST(ClassifierTest, TheBatchSizeDoesNotChangeTheScores) {
  const fs::path checkpoint = WriteCheckpoint("batches");
  const auto one = PredictAll(checkpoint, 4, {.batch_size = 1});
  const auto all = PredictAll(checkpoint, 4, {.batch_size = 64});
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(one[i].logit, all[i].logit, 1e-4);
}

TEST(ClassifierTest, DrawsNoiseByIdAndDraw) {
  CheckpointManifest manifest = Manifest();
  manifest.transforms.noise_sigma = 0.1;
  const fs::path checkpoint = WriteCheckpoint("draws", manifest);
  const auto a = PredictAll(checkpoint, 2, {.batch_size = 2, .draws = 3});
  const auto b = PredictAll(checkpoint, 2, {.batch_size = 1, .draws = 3});
  ASSERT_EQ(a.size(), 6u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(a[i].index, 100u + i / 3);
    EXPECT_EQ(a[i].draw, i % 3);
    EXPECT_NEAR(a[i].logit, b[i].logit, 1e-4);
  }
  EXPECT_GT(std::abs(a[0].logit - a[1].logit), 1e-3);  // Another draw.
}

TEST(ClassifierTest, DrawsOnceWithoutNoise) {
  EXPECT_EQ(PredictAll(WriteCheckpoint("once"), 2, {.draws = 5}).size(), 2u);
}

TEST(ClassifierTest, APictureThatCannotBeDecodedStopsNothing) {
  const auto classifier = LoadClassifier(WriteCheckpoint("broken"), {}).value();
  Pictures source({PictureNumber(0), "no picture", PictureNumber(2)});
  Kept kept;
  ASSERT_OK(classifier->Predict(source, kept));
  ASSERT_EQ(kept.all.size(), 3u);
  EXPECT_OK(kept.all[0].status);
  EXPECT_EQ(kept.all[1].index, 101u);
  EXPECT_THAT(kept.all[1].status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(kept.all[2].status);
}

TEST(ClassifierTest, ScoresNothingOfAnEmptySource) {
  EXPECT_TRUE(PredictAll(WriteCheckpoint("empty"), 0, {}).empty());
}

TEST(ClassifierTest, FailsAsItsSource) {
  const auto classifier = LoadClassifier(WriteCheckpoint("source"), {}).value();
  Pictures source = ManyPictures(1);
  source.FailAtTheEnd(absl::UnavailableError("gone"));
  Kept kept;
  EXPECT_THAT(classifier->Predict(source, kept),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("gone")));
}

TEST(ClassifierTest, FailsAsItsSinkAndStops) {
  const auto classifier =
      LoadClassifier(WriteCheckpoint("sink"), {.batch_size = 1}).value();
  Pictures source = ManyPictures(20);
  Kept kept;
  kept.fail_at = 2;
  EXPECT_THAT(classifier->Predict(source, kept),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(kept.all.size(), 2u);
}

TEST(ClassifierTest, LoadsThroughALink) {
  const fs::path checkpoint = WriteCheckpoint("link");
  EXPECT_OK(
      LoadClassifier(checkpoint.parent_path().parent_path() / "latest", {}));
}

TEST(ClassifierTest, RefusesADamagedCheckpoint) {
  const fs::path checkpoint = WriteCheckpoint("damaged");
  fs::resize_file(checkpoint / std::string(kWeightsName), 1000);
  EXPECT_THAT(
      LoadClassifier(checkpoint, {}),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("model.safetensors")));
}

TEST(ClassifierTest, RefusesWeightsOfAnotherModel) {
  CheckpointManifest manifest = Manifest();
  manifest.model = "efficientnet_v2_s";
  EXPECT_THAT(
      LoadClassifier(WriteCheckpoint("other", manifest), {}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another model")));
}

TEST(ClassifierTest, RefusesTransformsOutOfRange) {
  CheckpointManifest manifest = Manifest();
  manifest.transforms.image_size = 1 << 30;
  EXPECT_THAT(LoadClassifier(WriteCheckpoint("huge", manifest), {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ClassifierTest, SaysThatThereIsNoCheckpoint) {
  EXPECT_THAT(LoadClassifier("/nonexistent/best", {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(ClassifierTest, SaysThatThereIsNoGpu) {
  if (at::getNumGPUs() > 0) GTEST_SKIP() << "SKIPPED: there is a GPU";
  EXPECT_THAT(LoadClassifier(WriteCheckpoint("gpu"), {.device = Device::kCuda}),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(ClassifyTest, PrintsALinePerPictureAndNamesTheBrokenOne) {
  CheckpointManifest manifest = Manifest();
  manifest.threshold = 0;  // All are called generated.
  const fs::path checkpoint = WriteCheckpoint("classify", manifest);
  const fs::path good = checkpoint / "good.png", bad = checkpoint / "bad.png";
  ASSERT_OK(WriteFileAtomically(good, PictureNumber(1)));
  ASSERT_OK(WriteFileAtomically(bad, "no picture"));
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      testing::RunProcess({"trainer/classify",
                           "--checkpoint=" + checkpoint.string(), good.string(),
                           bad.string()}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("path\tprobability\tdecision\n"));
  EXPECT_THAT(result.output,
              ::testing::ContainsRegex("good.png\t[01]\\.[0-9]+\tgenerated\n"));
  EXPECT_THAT(result.output, HasSubstr("bad.png: "));
  EXPECT_THAT(result.output, HasSubstr("1 of 2 files"));
}

TEST(ClassifyTest, TakesTheBestOfTheNewestRunByDefault) {
  const fs::path home = testing::MakeTestDir("home");
  const fs::path picture = home / "a.png";
  ASSERT_OK(WriteFileAtomically(picture, PictureNumber(1)));
  const auto classify = [&] {
    return testing::RunProcess({"trainer/classify", picture.string()},
                               {"VERSO_HOME=" + home.string()})
        .value();
  };
  const auto none = classify();
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.output, HasSubstr("bazel run //trainer"));

  ASSERT_OK(CommitCheckpoint(home / "runs" / "a", Manifest(),
                             StateOf(*TestNetwork()), {}, {.mark_best = true}));
  const auto found = classify();
  EXPECT_EQ(found.exit_code, 0);
  EXPECT_THAT(found.output, HasSubstr("a.png\t"));
}

TEST(ClassifyTest, AWrongFlagIsAUsageError) {
  for (const char* flag : {"--device=tpu", "--draws=0", "--nonsense=1"}) {
    EXPECT_EQ(testing::RunProcess({"trainer/classify", flag, "a.png"})
                  .value()
                  .exit_code,
              2)
        << flag;
  }
}

}  // namespace
}  // namespace verso
