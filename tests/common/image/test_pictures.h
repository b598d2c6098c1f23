#ifndef VERSO_TESTS_COMMON_IMAGE_TEST_PICTURES_H_
#define VERSO_TESTS_COMMON_IMAGE_TEST_PICTURES_H_

#include <cstdint>

#include "common/image/image.h"

namespace verso::testing {

// A picture of soft colour fields and brush strokes; another seed, another
// picture.
Image Painting(int width, int height, uint64_t seed = 1);

Image Flat(int width, int height, uint8_t red, uint8_t green, uint8_t blue);

// The largest difference of a channel; 255 when the sizes differ.
int MaxDifference(const Image& a, const Image& b);

// The mean difference of the channels; 255 when the sizes differ.
double MeanDifference(const Image& a, const Image& b);

}  // namespace verso::testing

#endif  // VERSO_TESTS_COMMON_IMAGE_TEST_PICTURES_H_
