#include "ingest/cluster/k_means.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <utility>

#include "common/base/on_all_cores.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr int kMaxDefaultClusters = 1000;
constexpr double kLeastGain = 1e-4;
// Rows that stay in the cache while every centre passes over them.
constexpr int64_t kTileRows = 64;

// GCC and clang make the machine's vectors of it; the order of summation, and
// so the result, is fixed.
using Lanes = float __attribute__((vector_size(16)));
constexpr int64_t kLanes = 4;

Lanes Load(const float* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof(lanes));
  return lanes;
}

float Sum(const Lanes& lanes) {
  float sum = 0;
  for (int64_t i = 0; i < kLanes; ++i) sum += lanes[i];
  return sum;
}

float Dot(const float* a, const float* b, int64_t n) {
  Lanes one{}, two{}, three{}, four{};  // A single sum would wait for itself.
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    one += Load(a + i) * Load(b + i);
    two += Load(a + i + kLanes) * Load(b + i + kLanes);
    three += Load(a + i + 2 * kLanes) * Load(b + i + 2 * kLanes);
    four += Load(a + i + 3 * kLanes) * Load(b + i + 3 * kLanes);
  }
  float sum = Sum((one + two) + (three + four));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// Exactly 0 for equal rows.
float SquaredDistance(const float* a, const float* b, int64_t n) {
  Lanes even{};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Lanes difference = Load(a + i) - Load(b + i);
    even += difference * difference;
  }
  float sum = Sum(even);
  for (; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// One run of the algorithm. Not thread-safe.
class Run {
 public:
  Run(absl::Span<const float> values, int64_t dimensions)
      : values_(values),
        d_(dimensions),
        n_(static_cast<int64_t>(values.size()) / dimensions),
        cluster_(n_, 0),
        squared_(n_, 0) {}

  // Each next centre is a row, drawn with the square of its distance from the
  // centres so far; fewer than `k` when all rows are centres.
  void Seed(int k, uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto uniform = [&random] { return (random() >> 11) * 0x1p-53; };
    std::vector<float> nearest(n_, HUGE_VALF);
    int64_t next = std::min(n_ - 1, static_cast<int64_t>(uniform() * n_));
    while (true) {
      const float* centre = Row(next);
      centres_.insert(centres_.end(), centre, centre + d_);
      if (Clusters() == k) return;
      ForEachTile([&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          nearest[i] =
              std::min(nearest[i], SquaredDistance(Row(i), centre, d_));
        }
      });
      const double sum = std::accumulate(nearest.begin(), nearest.end(), 0.0);
      if (sum <= 0) return;
      next = Draw(nearest, uniform() * sum);
    }
  }

  // Gives each row its nearest centre (the first of equal ones). Returns the
  // sum of squared distances.
  double Assign() {
    std::vector<float> norms;
    for (int c = 0; c < Clusters(); ++c) {
      norms.push_back(Dot(Centre(c), Centre(c), d_));
    }
    ForEachTile(
        [&](int64_t begin, int64_t end) { AssignTile(begin, end, norms); });
    return std::accumulate(squared_.begin(), squared_.end(), 0.0);
  }

  // Moves each centre to the mean of its rows; one without rows stays.
  void Move() {
    OnAllCores(Clusters(), [this](size_t c) { MoveOne(static_cast<int>(c)); });
  }

  // Numbers the clusters anew, without the empty ones.
  KMeansResult Finish(double inertia) && {
    std::vector<int64_t> size(Clusters(), 0), first(Clusters(), n_);
    for (int64_t i = n_ - 1; i >= 0; --i) {
      ++size[cluster_[i]];
      first[cluster_[i]] = i;
    }
    std::vector<int> order(Clusters());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return std::pair(-size[a], first[a]) < std::pair(-size[b], first[b]);
    });
    while (size[order.back()] == 0) order.pop_back();
    KMeansResult result{.clusters = static_cast<int>(order.size()),
                        .inertia = inertia};
    std::vector<int32_t> number(Clusters(), 0);
    for (int c = 0; c < result.clusters; ++c) {
      number[order[c]] = c;
      const float* centre = Centre(order[c]);
      result.centres.insert(result.centres.end(), centre, centre + d_);
    }
    for (int64_t i = 0; i < n_; ++i) {
      cluster_[i] = number[cluster_[i]];
      squared_[i] = std::sqrt(squared_[i]);
    }
    result.cluster = std::move(cluster_);
    result.distance = std::move(squared_);
    return result;
  }

 private:
  int Clusters() const { return static_cast<int>(centres_.size() / d_); }
  const float* Row(int64_t i) const { return values_.data() + i * d_; }
  const float* Centre(int c) const { return centres_.data() + c * d_; }

  // Calls work(begin, end) for all rows, a tile at a time, on all cores.
  template <typename Work>
  void ForEachTile(const Work& work) const {
    OnAllCores((n_ + kTileRows - 1) / kTileRows, [&](size_t tile) {
      const int64_t begin = static_cast<int64_t>(tile) * kTileRows;
      work(begin, std::min(n_, begin + kTileRows));
    });
  }

  // The first row at which the running sum of `weights` passes `point`.
  int64_t Draw(const std::vector<float>& weights, double point) const {
    int64_t last = 0;  // Rounding may leave the point beyond the last weight.
    for (int64_t i = 0; i < n_; ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      point -= weights[i];
      if (point < 0) break;
    }
    return last;
  }

  void AssignTile(int64_t begin, int64_t end, const std::vector<float>& norms) {
    // Of |x - c|^2 = |x|^2 + |c|^2 - 2 xc only the last two tell centres apart.
    float best[kTileRows];
    std::fill(best, best + kTileRows, HUGE_VALF);
    for (int c = 0; c < Clusters(); ++c) {
      for (int64_t i = begin; i < end; ++i) {
        const float score = norms[c] - 2 * Dot(Row(i), Centre(c), d_);
        if (score >= best[i - begin]) continue;
        best[i - begin] = score;
        cluster_[i] = c;
      }
    }
    for (int64_t i = begin; i < end; ++i) {
      squared_[i] = SquaredDistance(Row(i), Centre(cluster_[i]), d_);
    }
  }

  void MoveOne(int c) {
    std::vector<double> sum(d_, 0);
    int64_t rows = 0;
    for (int64_t i = 0; i < n_; ++i) {
      if (cluster_[i] != c) continue;
      ++rows;
      for (int64_t j = 0; j < d_; ++j) sum[j] += Row(i)[j];
    }
    if (rows == 0) return;
    for (int64_t j = 0; j < d_; ++j) {
      centres_[c * d_ + j] = static_cast<float>(sum[j] / rows);
    }
  }

  const absl::Span<const float> values_;
  const int64_t d_, n_;
  std::vector<float> centres_;
  std::vector<int32_t> cluster_;
  std::vector<float> squared_;  // Distances to the row's centre.
};

}  // namespace

void NormalizeRows(int64_t dimensions, absl::Span<float> values) {
  for (size_t begin = 0; begin < values.size(); begin += dimensions) {
    const absl::Span<float> row = values.subspan(begin, dimensions);
    double squares = 0;
    for (const float value : row) squares += double{value} * value;
    if (squares == 0) continue;
    const double scale = 1 / std::sqrt(squares);
    for (float& value : row) value = static_cast<float>(value * scale);
  }
}

int DefaultClusters(int64_t rows) {
  const auto k = static_cast<int64_t>(std::lround(std::sqrt(rows / 2.0)));
  return static_cast<int>(std::clamp<int64_t>(k, 2, kMaxDefaultClusters));
}

absl::StatusOr<KMeansResult> KMeans(absl::Span<const float> values,
                                    int64_t dimensions,
                                    const KMeansOptions& options) {
  if (values.empty() || options.clusters < 1) {
    return absl::InvalidArgumentError(
        "k-means needs rows, and at least one cluster");
  }
  Run run(values, dimensions);
  run.Seed(options.clusters, options.seed);
  double inertia = run.Assign();
  for (int round = 1; round <= options.max_rounds; ++round) {
    if (options.on_round) RETURN_IF_ERROR(options.on_round(round, inertia));
    const double before = inertia;
    run.Move();
    inertia = run.Assign();
    if (before - inertia <= kLeastGain * before) break;
  }
  return std::move(run).Finish(inertia);
}

}  // namespace verso
