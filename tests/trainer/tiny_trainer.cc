// The trainer with a network so small, and without drop-out and batch
// statistics, that its weights hardly depend on the number of ranks.

#include "ATen/ops/conv2d.h"
#include "ATen/ops/linear.h"
#include "ATen/ops/randn.h"
#include "trainer/network.h"
#include "trainer/trainer_main.h"

namespace verso {
namespace {

class TinyNetwork : public Network {
 public:
  TinyNetwork() {
    kernel_ = register_parameter("kernel", at::randn({4, 3, 3, 3}) * 0.1);
    weight_ = register_parameter("weight", at::randn({1, 4}) * 0.1);
    bias_ = register_parameter("bias", at::randn({1}) * 0.1);
  }
  at::Tensor Features(at::Tensor pixels) override {
    return at::conv2d(pixels, kernel_, {}, 2).relu();
  }
  at::Tensor Head(at::Tensor features) override {
    return at::linear(features.mean({2, 3}), weight_, bias_).squeeze(1);
  }

 private:
  at::Tensor kernel_, weight_, bias_;
};

}  // namespace
}  // namespace verso

int main(int argc, char** argv) {
  return verso::TrainerMain(
      argc, argv,
      [](absl::string_view) -> absl::StatusOr<std::shared_ptr<verso::Network>> {
        return std::make_shared<verso::TinyNetwork>();
      },
      nullptr);
}
