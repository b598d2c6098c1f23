#include "trainer/shard_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "tests/testing/status_matchers.h"
#include "trainer/transforms.h"

namespace verso {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

std::string GreyJpeg(int level) {
  Image image{8, 8, std::vector<uint8_t>(8 * 8 * 3, level)};
  return EncodeJpeg(image, 95).value();
}

// Steps of two samples; sample i is grey of level 2 i.
SampleBatch StepOf(uint64_t step) {
  SampleBatch batch;
  batch.step = step;
  batch.global_batch = 2;
  batch.next_cursor = 2 * (step + 1);
  for (uint64_t i = 2 * step; i < 2 * step + 2; ++i) {
    Sample sample;
    sample.index = i;
    sample.sample_id = absl::StrCat("id", i);
    sample.source = "wga";
    sample.label = i % 2 == 0 ? LABEL_HUMAN : LABEL_GENERATED;
    sample.image = GreyJpeg(static_cast<int>(2 * i));
    batch.samples.push_back(sample);
  }
  return batch;
}

// Gives `steps` steps; at `fail_at` instead `failure`.
struct Plan {
  uint64_t steps = 0;
  uint64_t fail_at = ~uint64_t{0};
  absl::Status failure = absl::OkStatus();
  std::function<void(SampleBatch&)> change = [](SampleBatch&) {};
};

class FakeStream : public SampleStream {
 public:
  explicit FakeStream(Plan plan) : plan_(std::move(plan)) {}

  absl::StatusOr<std::optional<SampleBatch>> Next() override {
    if (step_ == plan_.fail_at) return plan_.failure;
    if (step_ == plan_.steps) return std::nullopt;
    SampleBatch batch = StepOf(step_++);
    plan_.change(batch);
    return batch;
  }
  void Cancel() override {}

 private:
  const Plan plan_;
  uint64_t step_ = 0;
};

std::unique_ptr<SampleStream> StreamOf(Plan plan) {
  return std::make_unique<FakeStream>(std::move(plan));
}

ShardDatasetOptions Options(std::optional<uint64_t> seed = 7) {
  ShardDatasetOptions options;
  options.transforms.image_size = 8;
  options.training_seed = seed;
  options.decode_threads = 3;
  return options;
}

TEST(ShardDatasetTest, GivesEveryStepInOrder) {
  Plan plan{.steps = 20};
  ShardDataset dataset(StreamOf(plan), Options());
  for (uint64_t step = 0; step < 20; ++step) {
    ASSERT_OK_AND_ASSIGN(const auto batch, dataset.Next());
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->step, step);
    EXPECT_THAT(batch->indices, ElementsAre(2 * step, 2 * step + 1));
    EXPECT_NEAR(batch->pixels[1][0][4][4].item<int>(), 2 * (2 * step + 1), 2);
    EXPECT_EQ(batch->targets[0].item<float>(), 0);
    EXPECT_EQ(batch->targets[1].item<float>(), 1);
  }
  ASSERT_OK_AND_ASSIGN(const auto end, dataset.Next());
  EXPECT_FALSE(end.has_value());
}

TEST(ShardDatasetTest, GivesTheStepsBeforeADamagedOne) {
  Plan plan{
      .steps = 4, .fail_at = 1, .failure = absl::DataLossError("crc of id2")};
  ShardDataset dataset(StreamOf(plan), Options());
  EXPECT_OK(dataset.Next());
  EXPECT_THAT(dataset.Next(),
              StatusIs(absl::StatusCode::kDataLoss, "crc of id2"));
}

TEST(ShardDatasetTest, NamesAPictureThatCannotBeDecoded) {
  Plan plan{.steps = 1};
  plan.change = [](SampleBatch& batch) { batch.samples[1].image.resize(100); };
  ShardDataset dataset(StreamOf(plan), Options());
  EXPECT_THAT(dataset.Next(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("sample id1")));
}

TEST(ShardDatasetTest, RefusesALabelThatCannotBeLearned) {
  Plan plan{.steps = 1};
  plan.change = [](SampleBatch& batch) {
    batch.samples[0].label = LABEL_MIXED;
  };
  ShardDataset dataset(StreamOf(plan), Options());
  EXPECT_THAT(dataset.Next(), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("sample id0")));
}

TEST(ShardDatasetTest, KeysOfTrainingAreNewInEachEpoch) {
  std::set<uint64_t> keys;
  for (const uint64_t epoch : {0, 1}) {
    Plan plan{.steps = 1};
    plan.change = [&](SampleBatch& batch) { batch.epoch = epoch; };
    ShardDataset dataset(StreamOf(plan), Options());
    ASSERT_OK_AND_ASSIGN(const auto batch, dataset.Next());
    ASSERT_TRUE(batch.has_value());
    keys.insert(batch->noise_keys.begin(), batch->noise_keys.end());
  }
  EXPECT_EQ(keys.size(), 4);
}

TEST(ShardDatasetTest, KeysOfValidationAreBySample) {
  Plan plan{.steps = 1};
  ShardDataset dataset(StreamOf(plan), Options(std::nullopt));
  ASSERT_OK_AND_ASSIGN(const auto batch, dataset.Next());
  ASSERT_TRUE(batch.has_value());
  EXPECT_THAT(batch->noise_keys,
              ElementsAre(NoiseKey("id0", 0), NoiseKey("id1", 0)));
}

// Nobody takes the steps: the queue is full when it ends.
TEST(ShardDatasetTest, MayBeGivenUpAtAnyTime) {
  Plan plan{.steps = 1000};
  absl::Notification reading;
  plan.change = [&](SampleBatch&) {
    if (!reading.HasBeenNotified()) reading.Notify();
  };
  ShardDataset dataset(StreamOf(plan), Options());
  reading.WaitForNotification();
}

}  // namespace
}  // namespace verso
