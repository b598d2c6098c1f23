#include "shardstore/near_duplicates/luma_plane.h"

#include <algorithm>
#include <cmath>

namespace verso {
namespace {

// The pixels that one pixel of the result is made of.
struct Taps {
  int first = 0;
  std::vector<float> weights;  // Of first, first + 1, ...; their sum is 1.
};

// Triangles as wide as a pixel of the coarser of both grids.
std::vector<Taps> MakeTaps(double begin, double end, int from, int to) {
  const double scale = (end - begin) / to;
  const double reach = std::max(scale, 1.0);
  std::vector<Taps> all(to);
  for (int i = 0; i < to; ++i) {
    const double center = begin + (i + 0.5) * scale;
    const int low =
        std::clamp(static_cast<int>(std::floor(center - reach)), 0, from - 1);
    const int high =
        std::clamp(static_cast<int>(std::ceil(center + reach)), low + 1, from);
    double sum = 0;
    std::vector<double> weights;
    for (int j = low; j < high; ++j) {
      weights.push_back(std::max(0.0, 1 - std::abs(j + 0.5 - center) / reach));
      sum += weights.back();
    }
    if (sum <= 0) weights.assign(1, sum = 1);
    all[i].first = low;
    for (const double weight : weights) {
      all[i].weights.push_back(static_cast<float>(weight / sum));
    }
  }
  return all;
}

// Sums of squares [0, x) x [0, y), and of rows and columns.
class SumTable {
 public:
  SumTable(const LumaPlane& plane, bool squared)
      : width_(plane.width + 1),
        sums_(static_cast<size_t>(width_) * (plane.height + 1)) {
    for (int y = 0; y < plane.height; ++y) {
      double row = 0;
      for (int x = 0; x < plane.width; ++x) {
        const double value = plane.Row(y)[x];
        row += squared ? value * value : value;
        At(x + 1, y + 1) = At(x + 1, y) + row;
      }
    }
  }
  double Sum(int left, int top, int right, int bottom) const {
    return At(right, bottom) - At(left, bottom) - At(right, top) +
           At(left, top);
  }

 private:
  double& At(int x, int y) {
    return sums_[static_cast<size_t>(y) * width_ + x];
  }
  double At(int x, int y) const {
    return sums_[static_cast<size_t>(y) * width_ + x];
  }

  const int width_;
  std::vector<double> sums_;
};

// Weights 1 2 1 both ways: takes the blocks and the noise of a bad encoding.
LumaPlane Softened(const LumaPlane& plane) {
  LumaPlane soft(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    const float* rows[3] = {plane.Row(std::max(0, y - 1)), plane.Row(y),
                            plane.Row(std::min(plane.height - 1, y + 1))};
    const auto down = [&](int x) {
      return rows[0][x] + 2 * rows[1][x] + rows[2][x];
    };
    for (int x = 0; x < plane.width; ++x) {
      soft.Row(y)[x] = (down(std::max(0, x - 1)) + 2 * down(x) +
                        down(std::min(plane.width - 1, x + 1))) /
                       16;
    }
  }
  return soft;
}

}  // namespace

LumaPlane Resampled(const LumaPlane& plane, const PlaneBox& box, int width,
                    int height) {
  const std::vector<Taps> across =
      MakeTaps(box.left, box.right, plane.width, width);
  const std::vector<Taps> down =
      MakeTaps(box.top, box.bottom, plane.height, height);
  LumaPlane result(width, height);
  std::vector<float> row(plane.width);
  for (int y = 0; y < height; ++y) {
    std::fill(row.begin(), row.end(), 0.f);
    for (size_t k = 0; k < down[y].weights.size(); ++k) {
      const float weight = down[y].weights[k];
      const float* from = plane.Row(down[y].first + static_cast<int>(k));
      for (int x = 0; x < plane.width; ++x) row[x] += weight * from[x];
    }
    for (int x = 0; x < width; ++x) {
      float sum = 0;
      const float* from = row.data() + across[x].first;
      for (const float weight : across[x].weights) sum += weight * *from++;
      result.Row(y)[x] = sum;
    }
  }
  return result;
}

float ValueAt(const LumaPlane& plane, double x, double y) {
  const double max_x = plane.width - 1;
  const double max_y = plane.height - 1;
  const double left = std::clamp(x - 0.5, 0.0, max_x);
  const double top = std::clamp(y - 0.5, 0.0, max_y);
  const int x0 = static_cast<int>(left);
  const int y0 = static_cast<int>(top);
  const int x1 = std::min(x0 + 1, plane.width - 1);
  const float u = static_cast<float>(left - x0);
  const float v = static_cast<float>(top - y0);
  const float* row = plane.Row(y0);
  const float* next = plane.Row(std::min(y0 + 1, plane.height - 1));
  const float upper = row[x0] + u * (row[x1] - row[x0]);
  const float lower = next[x0] + u * (next[x1] - next[x0]);
  return upper + v * (lower - upper);
}

LumaPlane LocalContrast(const LumaPlane& plane, int radius, float floor) {
  const SumTable sums(plane, false);
  const SumTable squares(plane, true);
  LumaPlane result(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    const int top = std::max(0, y - radius);
    const int bottom = std::min(plane.height, y + radius + 1);
    for (int x = 0; x < plane.width; ++x) {
      const int left = std::max(0, x - radius);
      const int right = std::min(plane.width, x + radius + 1);
      const double n = static_cast<double>(right - left) * (bottom - top);
      const double mean = sums.Sum(left, top, right, bottom) / n;
      const double square = squares.Sum(left, top, right, bottom) / n;
      const double deviation = std::sqrt(std::max(0.0, square - mean * mean));
      result.Row(y)[x] =
          static_cast<float>((plane.Row(y)[x] - mean) / (deviation + floor));
    }
  }
  return result;
}

GradientPlanes SoftGradient(const LumaPlane& plane) {
  const LumaPlane soft = Softened(plane);
  const int w = plane.width;
  const int h = plane.height;
  GradientPlanes result{LumaPlane(w, h), LumaPlane(w, h)};
  double sum = 0;
  for (int y = 0; y < h; ++y) {
    const float* above = soft.Row(std::max(0, y - 1));
    const float* below = soft.Row(std::min(h - 1, y + 1));
    const float* row = soft.Row(y);
    for (int x = 0; x < w; ++x) {
      const float gx = row[std::min(w - 1, x + 1)] - row[std::max(0, x - 1)];
      const float gy = below[x] - above[x];
      result.across.Row(y)[x] = gx;
      result.down.Row(y)[x] = gy;
      sum += std::sqrt(gx * gx + gy * gy);
    }
  }
  // A little more than the steps of 8-bit pixels: a flat picture has none.
  const float half_mean = 0.5f + static_cast<float>(sum / (2.0 * w * h));
  for (size_t i = 0; i < result.across.values.size(); ++i) {
    float& gx = result.across.values[i];
    float& gy = result.down.values[i];
    const float length = std::sqrt(gx * gx + gy * gy + half_mean * half_mean);
    gx /= length;
    gy /= length;
  }
  return result;
}

}  // namespace verso
