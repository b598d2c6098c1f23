#ifndef VERSO_INGEST_CLUSTER_K_MEANS_H_
#define VERSO_INGEST_CLUSTER_K_MEANS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace verso {

// Groups vectors by k-means: Lloyd's rounds from k-means++ centres (D. Arthur,
// S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007).

// Scales each row of `values` ([n, dimensions]) to length 1; zeros stay.
void NormalizeRows(int64_t dimensions, absl::Span<float> values);

// How many clusters are sought where nobody says: sqrt(n / 2), a rule of thumb
// (K. V. Mardia and others, "Multivariate Analysis", 1979), within 2 and 1000.
int DefaultClusters(int64_t rows);

struct KMeansOptions {
  int clusters = 2;
  uint64_t seed = 1;
  int max_rounds = 50;  // Ends before when a round gains less than 0.01 %.
  // Called after each round with the sum of squared distances; an error ends
  // the work with it.
  std::function<absl::Status(int round, double inertia)> on_round;
};

// No cluster is empty; 0 is the largest, equal ones go by their first row.
// There are fewer than asked for where rows coincide.
struct KMeansResult {
  int clusters = 0;
  std::vector<int32_t> cluster;  // Of each row.
  std::vector<float> distance;   // Of each row to its cluster's centre.
  std::vector<float> centres;    // [clusters, dimensions].
  double inertia = 0;            // Sum of squared distances.
};

// `values`: [n, dimensions], finite. The same input, clusters and seed give the
// same result, whatever the number of cores. Memory beside the values: the
// centres, and 12 bytes a row.
// kInvalidArgument: clusters < 1, or no rows.
absl::StatusOr<KMeansResult> KMeans(absl::Span<const float> values,
                                    int64_t dimensions,
                                    const KMeansOptions& options);

}  // namespace verso

#endif  // VERSO_INGEST_CLUSTER_K_MEANS_H_
