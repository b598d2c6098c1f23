#include "trainer/adamw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/randn.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

constexpr int kSteps = 5;

AdamWOptions Options() {
  AdamWOptions options;
  options.learning_rate = 0.01;
  options.weight_decay = 0.1;
  return options;
}

// The algorithm of the paper's figure 4, for one value.
double Reference(double x, const std::vector<double>& gradients) {
  const AdamWOptions o = Options();
  double m = 0, v = 0;
  for (size_t t = 1; t <= gradients.size(); ++t) {
    const double g = gradients[t - 1];
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * g * g;
    const double m_hat = m / (1 - std::pow(o.beta1, t));
    const double v_hat = v / (1 - std::pow(o.beta2, t));
    x -= o.learning_rate *
         (m_hat / (std::sqrt(v_hat) + o.epsilon) + o.weight_decay * x);
  }
  return x;
}

void StepWith(AdamW& adamw, at::Tensor& parameter, const at::Tensor& gradient) {
  parameter.mutable_grad() = gradient;
  adamw.Step();
}

TEST(AdamWTest, DoesTheStepsOfThePaper) {
  at::Tensor parameter =
      at::randn({4, 3, 5, 5}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor start = parameter.clone();
  AdamW adamw({{"w", parameter}}, Options());
  std::vector<at::Tensor> gradients;
  for (int i = 0; i < kSteps; ++i) {
    // Plain strides, unlike the parameter's: both must be walked alike.
    gradients.push_back(at::randn({4, 3, 5, 5}));
    StepWith(adamw, parameter, gradients.back());
  }
  for (int64_t c = 0; c < 3; ++c) {
    std::vector<double> values;
    for (const at::Tensor& gradient : gradients) {
      values.push_back(gradient[1][c][2][3].item<double>());
    }
    EXPECT_NEAR(parameter[1][c][2][3].item<double>(),
                Reference(start[1][c][2][3].item<double>(), values), 1e-5);
  }
}

TEST(AdamWTest, GoesOnFromASavedStateBitByBit) {
  at::Tensor one = at::randn({7});
  AdamW first({{"w", one}}, Options());
  StepWith(first, one, at::randn({7}));
  at::Tensor two = one.clone();
  AdamW second({{"w", two}}, Options());
  ASSERT_OK(second.LoadState(first.State()));
  const at::Tensor gradient = at::randn({7});
  StepWith(first, one, gradient);
  StepWith(second, two, gradient);
  EXPECT_TRUE(at::equal(one, two));
}

TEST(AdamWTest, LeavesAParameterWithoutGradientAlone) {
  const at::Tensor parameter = at::randn({3});
  const at::Tensor start = parameter.clone();
  AdamW adamw({{"w", parameter}}, Options());
  adamw.Step();
  EXPECT_TRUE(at::equal(parameter, start));
}

TEST(AdamWTest, RefusesTheStateOfAnotherNetwork) {
  AdamW adamw({{"w", at::randn({3})}}, Options());
  AdamW other({{"v", at::randn({3})}}, Options());
  EXPECT_THAT(
      adamw.LoadState(other.State()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("w.exp_avg")));
}

}  // namespace
}  // namespace verso
