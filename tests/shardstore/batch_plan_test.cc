#include "shardstore/batch_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

constexpr int kWorldSizes[] = {1, 2, 3, 8};

BatchPlan PlanOf(uint64_t samples, int64_t global_batch, int world_size,
                 int64_t epochs) {
  return BatchPlan::Create(samples, global_batch, world_size, epochs).value();
}

std::vector<BatchStep> StepsFrom(const BatchPlan& plan, uint64_t cursor) {
  std::vector<BatchStep> steps;
  while (true) {
    const std::optional<BatchStep> step = plan.StepAt(cursor).value();
    if (!step.has_value()) return steps;
    steps.push_back(*step);
    cursor = step->next_cursor;
  }
}

using Batches = std::vector<std::pair<uint64_t, uint64_t>>;

Batches BatchesOf(const std::vector<BatchStep>& steps) {
  Batches batches;
  for (const BatchStep& step : steps) batches.push_back({step.begin, step.end});
  return batches;
}

struct Sizes {
  uint64_t samples;
  int64_t global_batch;
  int64_t epochs;
};

// Every small shape and some large ones.
std::vector<Sizes> ManySizes() {
  std::vector<Sizes> sizes;
  for (uint64_t samples = 0; samples <= 40; ++samples) {
    for (int64_t batch = 8; batch <= 12; ++batch) {
      sizes.push_back({samples, batch, 2});
    }
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 50; ++i) {
    sizes.push_back({random() % 5000, 8 + int64_t(random() % 300),
                     1 + int64_t(random() % 3)});
  }
  return sizes;
}

TEST(BatchPlanTest, EveryPositionComesOnceAnEpoch) {
  for (const Sizes& s : ManySizes()) {
    for (const int world_size : kWorldSizes) {
      const auto plan = PlanOf(s.samples, s.global_batch, world_size, s.epochs);
      uint64_t expected = 0;  // Counted over all epochs.
      for (const BatchStep& step : StepsFrom(plan, 0)) {
        ASSERT_EQ(step.epoch * s.samples + step.begin, expected);
        ASSERT_LT(step.begin, step.end);
        ASSERT_LE(step.end, s.samples);
        expected = step.next_cursor;
      }
      ASSERT_EQ(expected, s.samples * s.epochs);
    }
  }
}

TEST(BatchPlanTest, TheRanksShareEveryStepWithoutGapOrOverlap) {
  for (const Sizes& s : ManySizes()) {
    for (const int world_size : kWorldSizes) {
      const auto plan = PlanOf(s.samples, s.global_batch, world_size, s.epochs);
      for (const BatchStep& step : StepsFrom(plan, 0)) {
        uint64_t expected = step.begin;
        for (int rank = 0; rank < world_size; ++rank) {
          const auto [begin, end] = plan.SliceOf(step, rank);
          ASSERT_EQ(begin, expected);
          expected = end;
          const bool may_be_empty = s.samples < uint64_t(world_size);
          ASSERT_TRUE(end > begin || may_be_empty);
          ASSERT_LE(end - begin, step.size() / world_size + 1);
        }
        ASSERT_EQ(expected, step.end);
      }
    }
  }
}

TEST(BatchPlanTest, GlobalBatchesDoNotDependOnTheNumberOfRanks) {
  for (const Sizes& s : ManySizes()) {
    const uint64_t rest = s.samples % s.global_batch;
    if (rest > 0 && rest < 8) continue;  // The exception, below.
    const Batches one =
        BatchesOf(StepsFrom(PlanOf(s.samples, s.global_batch, 1, s.epochs), 0));
    for (const int world_size : kWorldSizes) {
      const auto plan = PlanOf(s.samples, s.global_batch, world_size, s.epochs);
      ASSERT_EQ(BatchesOf(StepsFrom(plan, 0)), one);
    }
  }
}

TEST(BatchPlanTest, ALastBatchTooSmallForTheRanksJoinsTheOneBefore) {
  EXPECT_EQ(BatchesOf(StepsFrom(PlanOf(22, 10, 2, 1), 0)),
            (Batches{{0, 10}, {10, 20}, {20, 22}}));
  EXPECT_EQ(BatchesOf(StepsFrom(PlanOf(22, 10, 3, 1), 0)),
            (Batches{{0, 10}, {10, 22}}));
}

TEST(BatchPlanTest, AnOnlyBatchStaysEvenWhenItIsSmall) {
  EXPECT_EQ(BatchesOf(StepsFrom(PlanOf(2, 10, 3, 1), 0)), (Batches{{0, 2}}));
}

TEST(BatchPlanTest, StepsAreCountedOverAllEpochs) {
  const std::vector<BatchStep> steps = StepsFrom(PlanOf(25, 10, 2, 3), 0);
  ASSERT_EQ(steps.size(), 9u);
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].step, i);
    EXPECT_EQ(steps[i].epoch, i / 3);
  }
}

TEST(BatchPlanTest, GoingOnAtAnyStepGivesTheTail) {
  for (const Sizes& s : ManySizes()) {
    const auto plan = PlanOf(s.samples, s.global_batch, 3, s.epochs);
    const std::vector<BatchStep> all = StepsFrom(plan, 0);
    for (size_t i = 0; i < all.size(); ++i) {
      const std::vector<BatchStep> tail = StepsFrom(plan, all[i].next_cursor);
      ASSERT_EQ(tail.size(), all.size() - i - 1);
      ASSERT_TRUE(tail.empty() || tail[0].step == all[i + 1].step);
      ASSERT_EQ(BatchesOf(tail), BatchesOf({all.begin() + i + 1, all.end()}));
    }
  }
}

TEST(BatchPlanTest, ACursorOfOneRankIsGoodForThree) {
  const BatchPlan three = PlanOf(22, 10, 3, 2);
  const BatchStep rest = three.StepAt(20).value().value();
  EXPECT_EQ(rest.begin, 20u);
  EXPECT_EQ(rest.end, 22u);
  EXPECT_EQ(rest.next_cursor, 22u);
  EXPECT_EQ(three.StepAt(22).value()->step, 2u);
}

TEST(BatchPlanTest, NoEpochsMeansWithoutEnd) {
  const BatchPlan plan = PlanOf(100, 10, 2, 0);
  const BatchStep step = plan.StepAt(1'000'000).value().value();
  EXPECT_EQ(step.epoch, 10'000u);
  EXPECT_EQ(step.step, 100'000u);
}

TEST(BatchPlanTest, NoSamplesGiveNoSteps) {
  EXPECT_TRUE(StepsFrom(PlanOf(0, 10, 2, 0), 0).empty());
}

TEST(BatchPlanTest, RefusesACursorInsideAStep) {
  EXPECT_THAT(PlanOf(100, 10, 2, 1).StepAt(13),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("13")));
}

TEST(BatchPlanTest, RefusesACursorBehindTheEnd) {
  EXPECT_THAT(PlanOf(100, 10, 2, 1).StepAt(110),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(BatchPlanTest, RefusesABatchSmallerThanTheNumberOfRanks) {
  EXPECT_THAT(BatchPlan::Create(100, 7, 8, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("world_size (8)")));
}

TEST(BatchPlanTest, RefusesNonsense) {
  EXPECT_FALSE(BatchPlan::Create(100, 10, 0, 1).ok());
  EXPECT_FALSE(BatchPlan::Create(100, 10, 1, -1).ok());
  EXPECT_FALSE(BatchPlan::Create(uint64_t{1} << 61, 10, 1, 5).ok());
}

}  // namespace
}  // namespace verso
