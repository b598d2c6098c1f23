#include "common/image/sandbox/image_sandbox.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace verso {
namespace {

using ::testing::HasSubstr;
using ::verso::testing::StatusIs;

// This test's main() is gtest's: run again, it would run the tests again.
TEST(WithoutMainTest, ABinaryWithoutTheCallIsRefused) {
  EXPECT_THAT(ImageSandbox::Create(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("ImageSandboxMain()")));
}

}  // namespace
}  // namespace verso
