#include "shardstore/near_duplicates/overlap.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace verso {
namespace {

constexpr double kCoarseSide = 48;  // Pixels of an overlap's longer side.
constexpr int kCoarseRadius = 3;
constexpr float kContrastFloor = 4;  // Levels.
constexpr int kParts = 4;            // Each way.
// A part with less than this share of the mean energy has no texture.
constexpr double kLeastEnergy = 0.1;
constexpr double kLastStep = 0.25;   // Pixels.
constexpr int kEnoughPoints = 4096;  // To tell where an overlap fits best.

int RoundedSide(double side) {
  return std::max(1, static_cast<int>(std::lround(side)));
}

PlaneBox Intersection(const PlaneBox& a, const PlaneBox& b) {
  PlaneBox both{std::max(a.left, b.left), std::max(a.top, b.top),
                std::min(a.right, b.right), std::min(a.bottom, b.bottom)};
  if (both.right <= both.left || both.bottom <= both.top) return {};
  return both;
}

// Where `box` goes under the map that takes `from` to `to`.
PlaneBox Mapped(const PlaneBox& box, const PlaneBox& from, const PlaneBox& to) {
  const double across = to.width() / from.width();
  const double down = to.height() / from.height();
  return {to.left + (box.left - from.left) * across,
          to.top + (box.top - from.top) * down,
          to.left + (box.right - from.left) * across,
          to.top + (box.bottom - from.top) * down};
}

PlaneBox Whole(const LumaPlane& plane) {
  return {0, 0, static_cast<double>(plane.width),
          static_cast<double>(plane.height)};
}

PlaneBox Scaled(const PlaneBox& box, double across, double down) {
  return {box.left * across, box.top * down, box.right * across,
          box.bottom * down};
}

std::vector<LumaPlane> FeaturesOf(const LumaPlane& luma,
                                  OverlapFitter::Detail detail) {
  std::vector<LumaPlane> features;
  if (detail == OverlapFitter::Detail::kCoarse) {
    features.push_back(LocalContrast(luma, kCoarseRadius, kContrastFloor));
    return features;
  }
  GradientPlanes gradient = SoftGradient(luma);
  features.push_back(std::move(gradient.across));
  features.push_back(std::move(gradient.down));
  return features;
}

// The ways in which a box can be moved: each edge alone, all along one axis,
// and all outwards.
constexpr std::array<std::array<int, 4>, 7> kMoves = {{{1, 0, 0, 0},
                                                       {0, 1, 0, 0},
                                                       {0, 0, 1, 0},
                                                       {0, 0, 0, 1},
                                                       {1, 0, 1, 0},
                                                       {0, 1, 0, 1},
                                                       {-1, -1, 1, 1}}};

PlaneBox Moved(const PlaneBox& box, const std::array<int, 4>& move,
               double step) {
  return {box.left + move[0] * step, box.top + move[1] * step,
          box.right + move[2] * step, box.bottom + move[3] * step};
}

struct Products {
  double ab = 0, aa = 0, bb = 0;

  void Add(float a, float b) {
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  double correlation() const {
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
  }
};

}  // namespace

struct OverlapFitter::Column {
  int left = 0;     // -1: outside.
  float share = 0;  // Of the pixel to the right.
};

Overlap WidestOverlap(const PictureView& first, const PictureView& second,
                      const Overlap& claim) {
  const PlaneBox content = Mapped(second.content, claim.second, claim.first);
  Overlap widest;
  widest.first = Intersection(first.content, content);
  if (widest.first.area() <= 0) return {};
  widest.second = Intersection(second.content,
                               Mapped(widest.first, claim.first, claim.second));
  if (widest.second.area() <= 0) return {};
  return widest;
}

OverlapFitter::OverlapFitter(const PictureView& first,
                             const PictureView& second, const Overlap& overlap,
                             Detail detail) {
  const double across = overlap.second.width() / overlap.first.width();
  const double down = overlap.second.height() / overlap.first.height();
  // Pixels compared for one of the second picture's.
  double density = std::min(1.0, 1 / std::sqrt(across * down));
  if (detail == Detail::kCoarse) {
    const double longer =
        std::max(overlap.second.width(), overlap.second.height());
    density = std::min(density, kCoarseSide / longer);
  }
  const LumaPlane small_first =
      Resampled(first.luma, Whole(first.luma),
                RoundedSide(first.luma.width * across * density),
                RoundedSide(first.luma.height * down * density));
  const LumaPlane small_second = Resampled(
      second.luma, Whole(second.luma), RoundedSide(second.luma.width * density),
      RoundedSide(second.luma.height * density));
  const auto ratio = [](int to, int from) {
    return static_cast<double>(to) / from;
  };
  first_across_ = ratio(small_first.width, first.luma.width);
  first_down_ = ratio(small_first.height, first.luma.height);
  second_across_ = ratio(small_second.width, second.luma.width);
  second_down_ = ratio(small_second.height, second.luma.height);
  first_ = FeaturesOf(small_first, detail);
  second_ = FeaturesOf(small_second, detail);
  fixed_ = Scaled(overlap.first, first_across_, first_down_);
  moving_ = Scaled(overlap.second, second_across_, second_down_);
  columns_ = RoundedSide(fixed_.width());
  rows_ = RoundedSide(fixed_.height());
  row_step_ = std::max(1, columns_ * rows_ / kEnoughPoints);
  TakeSamples();
}

void OverlapFitter::TakeSamples() {
  for (const LumaPlane& plane : first_) {
    std::vector<float>& of_plane = samples_.emplace_back();
    of_plane.reserve(static_cast<size_t>(columns_) * rows_);
    for (int y = 0; y < rows_; ++y) {
      const double down = fixed_.top + (y + 0.5) * fixed_.height() / rows_;
      for (int x = 0; x < columns_; ++x) {
        of_plane.push_back(ValueAt(
            plane, fixed_.left + (x + 0.5) * fixed_.width() / columns_, down));
      }
    }
  }
}

std::vector<OverlapFitter::Column> OverlapFitter::ColumnsAt(
    const PlaneBox& at) const {
  const int width = second_[0].width;
  std::vector<Column> columns(columns_);
  for (int x = 0; x < columns_; ++x) {
    const double place = at.left + (x + 0.5) * at.width() / columns_ - 0.5;
    if (place < -0.75 || place > width - 0.25) {
      columns[x].left = -1;
      continue;
    }
    const double inside = std::clamp(place, 0.0, width - 1.0);
    columns[x].left =
        std::min(static_cast<int>(inside), std::max(0, width - 2));
    columns[x].share = static_cast<float>(inside - columns[x].left);
  }
  return columns;
}

double OverlapFitter::Correlation(const PlaneBox& at) const {
  const std::vector<Column> columns = ColumnsAt(at);
  const int height = second_[0].height;
  const int right = second_[0].width > 1 ? 1 : 0;
  Products sums;
  for (size_t p = 0; p < second_.size(); ++p) {
    for (int y = 0; y < rows_; y += row_step_) {
      const double place = at.top + (y + 0.5) * at.height() / rows_ - 0.5;
      const bool outside = place < -0.75 || place > height - 0.25;
      const double inside = std::clamp(place, 0.0, height - 1.0);
      const int y0 = static_cast<int>(inside);
      const float v = static_cast<float>(inside - y0);
      const float* row = second_[p].Row(y0);
      const float* next = second_[p].Row(std::min(y0 + 1, height - 1));
      const float* sample =
          samples_[p].data() + static_cast<size_t>(y) * columns_;
      float ab = 0, aa = 0, bb = 0;
      for (int x = 0; x < columns_; ++x) {
        const float a = sample[x];
        aa += a * a;
        const Column& column = columns[x];
        if (outside || column.left < 0) continue;
        const int i = column.left;
        const float upper = row[i] + column.share * (row[i + right] - row[i]);
        const float lower =
            next[i] + column.share * (next[i + right] - next[i]);
        const float b = upper + v * (lower - upper);
        ab += a * b;
        bb += b * b;
      }
      sums.ab += ab;
      sums.aa += aa;
      sums.bb += bb;
    }
  }
  return sums.correlation();
}

double OverlapFitter::Fit(double step) {
  constexpr int kMaxRounds = 12;  // For each step.
  double best = Correlation(moving_);
  for (; step >= kLastStep; step /= 2) {
    bool moved = true;
    for (int round = 0; moved && round < kMaxRounds; ++round) {
      moved = false;
      for (const auto& move : kMoves) {
        for (const double signed_step : {step, -step}) {
          const PlaneBox tried = Moved(moving_, move, signed_step);
          if (tried.width() < 8 || tried.height() < 8) continue;
          const double correlation = Correlation(tried);
          if (correlation <= best) continue;
          best = correlation;
          moving_ = tried;
          moved = true;
        }
      }
    }
  }
  return best;
}

Overlap OverlapFitter::overlap() const {
  return {Scaled(fixed_, 1 / first_across_, 1 / first_down_),
          Scaled(moving_, 1 / second_across_, 1 / second_down_)};
}

double OverlapFitter::short_side() const { return std::min(columns_, rows_); }

Agreement OverlapFitter::Measure() const {
  std::array<Products, kParts * kParts> parts;
  Products all;
  for (size_t p = 0; p < second_.size(); ++p) {
    for (int y = 0; y < rows_; ++y) {
      const double down = moving_.top + (y + 0.5) * moving_.height() / rows_;
      for (int x = 0; x < columns_; ++x) {
        const double across =
            moving_.left + (x + 0.5) * moving_.width() / columns_;
        const float a = samples_[p][static_cast<size_t>(y) * columns_ + x];
        const float b = ValueAt(second_[p], across, down);
        all.Add(a, b);
        parts[y * kParts / rows_ * kParts + x * kParts / columns_].Add(a, b);
      }
    }
  }
  Agreement agreement{all.correlation(), {}};
  constexpr double kShare = kLeastEnergy / (kParts * kParts);
  for (const Products& part : parts) {
    if (part.aa >= kShare * all.aa || part.bb >= kShare * all.bb) {
      agreement.of_parts.push_back(part.correlation());
    }
  }
  return agreement;
}

}  // namespace verso
