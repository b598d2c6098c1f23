#ifndef VERSO_TESTS_TRAINER_TEST_PICTURES_H_
#define VERSO_TESTS_TRAINER_TEST_PICTURES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/image/image.h"

namespace verso::testing {

// A picture whose pixels all differ from their neighbours', the same for the
// same `seed`.
inline Image MakePicture(int width, int height, uint32_t seed = 1) {
  Image image = {.width = width,
                 .height = height,
                 .rgb = std::vector<uint8_t>(size_t{3} * width * height)};
  uint32_t state = seed;
  for (uint8_t& value : image.rgb) {
    state = state * 1664525 + 1013904223;
    value = state >> 24;
  }
  return image;
}

// One colour everywhere.
inline Image MakeFlatPicture(int width, int height, uint8_t level) {
  return {.width = width,
          .height = height,
          .rgb = std::vector<uint8_t>(size_t{3} * width * height, level)};
}

}  // namespace verso::testing

#endif  // VERSO_TESTS_TRAINER_TEST_PICTURES_H_
