#include "common/image/sandbox/image_sandbox.h"
#include "gtest/gtest.h"

// Of tests that decode images in a sandbox, which runs this binary again.
int main(int argc, char** argv) {
  verso::ImageSandboxMain(argc, argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
