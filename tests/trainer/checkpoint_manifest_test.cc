#include "trainer/checkpoint_manifest.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include "common/base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/process.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::StatusIs;

CheckpointManifest Scored() {
  CheckpointManifest m;
  m.kind = CheckpointKind::kScored;
  m.run = "night";
  m.model = "efficientnet_lite0";
  m.step = 120;
  m.epoch = 3;
  m.cursor = 15360;
  m.world_size = 2;
  m.seed = 0xffffffffffffffff;
  m.snapshot = "d4_fair-0123";
  m.transforms = {.image_size = 224,
                  .image_fit = "crop",
                  .blur_sigma = 2,
                  .noise_sigma = 0.1,
                  .grayscale = true,
                  .normalize = false};
  m.files["model.safetensors"] = {.size_bytes = 9, .sha256 = "ab"};
  m.validation_loss = 0.25;
  m.validation_accuracy = 0.9;
  m.validation_samples = 200;
  m.threshold = 0.625;
  m.alpha = 0.01;
  m.human_rates["wga"] = {.samples = 80, .rate = 0.0125, .wilson_high = 0.067};
  return m;
}

std::string Replace(std::string text, const std::string& from,
                    const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CheckpointManifestTest, ReadsBackWhatItWrites) {
  const std::string json = ManifestToJson(Scored());
  ASSERT_OK_AND_ASSIGN(const auto m, ManifestFromJson(json, "m"));
  EXPECT_EQ(ManifestToJson(m), json);
  EXPECT_EQ(m.kind, CheckpointKind::kScored);
  EXPECT_EQ(m.seed, 0xffffffffffffffff);
  EXPECT_EQ(m.transforms.image_fit, "crop");
  EXPECT_EQ(m.files.at("model.safetensors").sha256, "ab");
  EXPECT_EQ(m.threshold, 0.625);
  EXPECT_EQ(m.human_rates.at("wga").samples, 80);
}

TEST(CheckpointManifestTest, AResumeCheckpointHasNoValidation) {
  CheckpointManifest m = Scored();
  m.kind = CheckpointKind::kResume;
  const std::string json = ManifestToJson(m);
  EXPECT_EQ(json.find("threshold"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(m, ManifestFromJson(json, "m"));
  EXPECT_EQ(m.kind, CheckpointKind::kResume);
}

TEST(CheckpointManifestTest, KeepsALossThatIsNoNumber) {
  CheckpointManifest m = Scored();
  m.validation_loss = std::numeric_limits<double>::quiet_NaN();
  ASSERT_OK_AND_ASSIGN(m, ManifestFromJson(ManifestToJson(m), "m"));
  EXPECT_TRUE(std::isnan(m.validation_loss));
}

TEST(CheckpointManifestTest, RefusesWhatIsNoManifest) {
  for (const char* text : {"", "{", "[]", "{}", "{\"format\":\"other\"}"}) {
    EXPECT_THAT(
        ManifestFromJson(text, "a/manifest.json"),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr("a/manifest.json")))
        << text;
  }
}

TEST(CheckpointManifestTest, RefusesALaterVersion) {
  const std::string json =
      Replace(ManifestToJson(Scored()), "\"version\": 1", "\"version\": 2");
  EXPECT_THAT(
      ManifestFromJson(json, "m"),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("use a newer Verso")));
}

TEST(CheckpointManifestTest, RefusesAMissingOrMistypedField) {
  const std::string json = ManifestToJson(Scored());
  for (const auto& bad : {Replace(json, "\"step\"", "\"stop\""),
                          Replace(json, "\"step\": 120", "\"step\": \"120\""),
                          Replace(json, "\"scored\"", "\"other\"")}) {
    EXPECT_THAT(ManifestFromJson(bad, "m"),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  }
}

TEST(CheckpointManifestTest, RefusesFilesOutsideTheFolder) {
  for (const char* name : {"../x", "/etc/passwd", "a/b", "..", ""}) {
    const std::string json =
        Replace(ManifestToJson(Scored()), "model.safetensors", name);
    EXPECT_THAT(ManifestFromJson(json, "m"),
                StatusIs(absl::StatusCode::kDataLoss))
        << name;
  }
}

TEST(CheckpointManifestTest, SaysThatAFolderIsNoCheckpoint) {
  EXPECT_THAT(
      ReadManifest("/nonexistent/best"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nonexistent/best")));
}

TEST(CheckpointManifestTest, ListsCommittedCheckpointsByStep) {
  const fs::path run = testing::MakeTestDir("list");
  for (const char* name :
       {"step-0000000020", "step-0000000003", ".tmp-step-0000000040", "step-5",
        "step-00000000x7", "step-+000000008", "best"}) {
    ASSERT_OK(MakeDirs(run / "checkpoints" / name));
  }
  ASSERT_OK_AND_ASSIGN(const auto checkpoints, ListCheckpoints(run));
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints.begin()->first, 3);
  EXPECT_EQ(checkpoints.at(20), run / "checkpoints" / "step-0000000020");
}

TEST(CheckpointManifestTest, ARunWithoutCheckpointsHasNone) {
  ASSERT_OK_AND_ASSIGN(const auto checkpoints,
                       ListCheckpoints(testing::MakeTestDir("none")));
  EXPECT_THAT(checkpoints, IsEmpty());
}

}  // namespace
}  // namespace verso
