#ifndef VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_DRAWN_WORKS_H_
#define VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_DRAWN_WORKS_H_

#include <cstdint>

#include "common/image/image.h"

namespace verso::testing {

// A painting that `seed` decides, and those that a careless eye takes for it.
// All have the longer side 320 to 448 pixels.
struct DrawnWork {
  Image picture;
  // The same scene, colours and size, painted again stroke by stroke: a copy
  // by the same hand, edges in the same places. No photographed version comes
  // as near.
  Image repainted;
  // The same subject, composition and palette: each form and the light moved
  // a little, as in a series.
  Image version;
  // Another scene in the same palette and manner.
  Image sibling;
};

DrawnWork DrawWork(uint64_t seed);

// DrawWork(seed).picture alone, in a quarter of the time.
Image DrawPicture(uint64_t seed);

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_DRAWN_WORKS_H_
