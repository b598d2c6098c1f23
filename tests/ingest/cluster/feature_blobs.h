#ifndef VERSO_TESTS_INGEST_CLUSTER_FEATURE_BLOBS_H_
#define VERSO_TESTS_INGEST_CLUSTER_FEATURE_BLOBS_H_

#include <cstdint>
#include <random>
#include <vector>

namespace verso::testing {

inline constexpr int kBlobDimensions = 19;  // No multiple of a vector's lanes.

// A vector near the direction of group `group`, the same for the same `item`.
inline std::vector<float> BlobVector(int group, int item) {
  std::mt19937 random(1000 * group + item);
  const auto noise = [&random] {
    return static_cast<float>(random() % 1000) / 1000 - 0.5f;
  };
  std::vector<float> values(kBlobDimensions);
  for (int i = 0; i < kBlobDimensions; ++i) {
    values[i] = 0.2f * noise() + (i % 6 == group ? 3.0f : 0.0f);
  }
  return values;
}

}  // namespace verso::testing

#endif  // VERSO_TESTS_INGEST_CLUSTER_FEATURE_BLOBS_H_
