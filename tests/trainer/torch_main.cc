#include "ATen/Parallel.h"
#include "gtest/gtest.h"

// On a busy machine torch's threads wait for each other more than they work.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  at::set_num_threads(1);
  return RUN_ALL_TESTS();
}
