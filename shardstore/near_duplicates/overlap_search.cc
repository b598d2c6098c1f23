#include "shardstore/near_duplicates/overlap_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace verso {
namespace {

constexpr int kSearchSide = 40;  // Pixels of the longer side.
constexpr int kRadius = 2;
constexpr float kContrastFloor = 4;  // Levels.
constexpr double kScaleStep = 1.04;
constexpr int kLeastTemplateSide = 8;  // Pixels.
constexpr size_t kGuessesOfSearch = 3;
constexpr double kMiddle = 0.6;  // Of a side.

// Template and place: both boxes in pixels of the pictures.
struct Guess {
  PlaneBox part;   // Of the picture that is looked for.
  PlaneBox place;  // In the other one.
  double strength = 0;
};

// A picture that is searched.
struct Field {
  LumaPlane band;
  std::vector<double> squares;  // [height + 1, width + 1]: sums before (x, y).
  double across = 1;            // Pixels of `band` for one of the picture's.
  double down = 1;

  double Energy(int x, int y, int w, int h) const {
    const auto at = [this](int i, int j) {
      return squares[static_cast<size_t>(j) * (band.width + 1) + i];
    };
    return at(x + w, y + h) - at(x, y + h) - at(x + w, y) + at(x, y);
  }
};

PlaneBox Whole(const LumaPlane& plane) {
  return {0, 0, static_cast<double>(plane.width),
          static_cast<double>(plane.height)};
}

int Side(double side) {
  return std::max(1, static_cast<int>(std::lround(side)));
}

Field MakeField(const PictureView& picture) {
  const LumaPlane& luma = picture.luma;
  const double scale =
      static_cast<double>(kSearchSide) / std::max(luma.width, luma.height);
  Field field;
  field.band =
      LocalContrast(Resampled(luma, Whole(luma), Side(luma.width * scale),
                              Side(luma.height * scale)),
                    kRadius, kContrastFloor);
  field.across = static_cast<double>(field.band.width) / luma.width;
  field.down = static_cast<double>(field.band.height) / luma.height;
  const int stride = field.band.width + 1;
  field.squares.assign(static_cast<size_t>(stride) * (field.band.height + 1),
                       0);
  for (int y = 0; y < field.band.height; ++y) {
    double row = 0;
    for (int x = 0; x < field.band.width; ++x) {
      const double value = field.band.Row(y)[x];
      row += value * value;
      const size_t i = static_cast<size_t>(y + 1) * stride + x + 1;
      field.squares[i] = field.squares[i - stride] + row;
    }
  }
  return field;
}

// Eight sums side by side, so that a compiler can use its vector registers
// without changing the order of additions.
float Dot(const float* a, const float* b, int n) {
  float sums[8] = {};
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  float sum = 0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

bool IsNear(const PlaneBox& a, const PlaneBox& b) {
  const double tolerance = 0.08 * std::max(a.width(), a.height());
  return std::abs(a.left - b.left) < tolerance &&
         std::abs(a.top - b.top) < tolerance &&
         std::abs(a.right - b.right) < tolerance &&
         std::abs(a.bottom - b.bottom) < tolerance;
}

// Keeps the strongest guesses that are not nearly the same place.
class BestGuesses {
 public:
  void Add(const Guess& guess) {
    if (guesses_.size() == kGuessesOfSearch &&
        guess.strength <= guesses_.back().strength) {
      return;
    }
    for (Guess& known : guesses_) {
      if (!IsNear(known.place, guess.place)) continue;
      if (known.strength < guess.strength) known = guess;
      Sort();
      return;
    }
    guesses_.push_back(guess);
    Sort();
    if (guesses_.size() > kGuessesOfSearch) guesses_.pop_back();
  }
  const std::vector<Guess>& guesses() const { return guesses_; }

 private:
  void Sort() {
    std::stable_sort(
        guesses_.begin(), guesses_.end(),
        [](const Guess& a, const Guess& b) { return a.strength > b.strength; });
  }
  std::vector<Guess> guesses_;
};

// Slides one template over the field.
void Slide(const LumaPlane& pattern, const PlaneBox& part, const Field& field,
           BestGuesses& best) {
  const int w = pattern.width;
  const int h = pattern.height;
  const double energy =
      Dot(pattern.values.data(), pattern.values.data(), w * h);
  if (energy <= 0) return;
  for (int y = 0; y + h <= field.band.height; ++y) {
    for (int x = 0; x + w <= field.band.width; ++x) {
      const double there = field.Energy(x, y, w, h);
      if (there <= 0) continue;
      double sum = 0;
      for (int row = 0; row < h; ++row) {
        sum += Dot(pattern.Row(row), field.band.Row(y + row) + x, w);
      }
      // By chance small templates correlate more: about 1 / sqrt(pixels).
      const double strength = sum / std::sqrt(energy * there) *
                              std::sqrt(static_cast<double>(w) * h);
      best.Add({part,
                {x / field.across, y / field.down, (x + w) / field.across,
                 (y + h) / field.down},
                strength});
    }
  }
}

// Looks for `part` of a picture at `least` to `most` times the longer side of
// the field.
std::vector<Guess> Search(const PictureView& picture, const PlaneBox& part,
                          const Field& field, double least, double most) {
  BestGuesses best;
  const double longer = std::max(part.width(), part.height());
  for (double share = least; share <= most; share *= kScaleStep) {
    const double scale = share * kSearchSide / longer;
    int w = Side(part.width() * scale);
    int h = Side(part.height() * scale);
    if (w == field.band.width + 1) --w;
    if (h == field.band.height + 1) --h;
    if (w < kLeastTemplateSide || h < kLeastTemplateSide) continue;
    if (w > field.band.width || h > field.band.height) break;
    Slide(LocalContrast(Resampled(picture.luma, part, w, h), kRadius,
                        kContrastFloor),
          part, field, best);
  }
  return best.guesses();
}

PlaneBox MiddleOf(const PlaneBox& box) {
  const double x = box.width() * (1 - kMiddle) / 2;
  const double y = box.height() * (1 - kMiddle) / 2;
  return {box.left + x, box.top + y, box.right - x, box.bottom - y};
}

}  // namespace

std::vector<Overlap> GuessOverlaps(const PictureView& first,
                                   const PictureView& second) {
  constexpr double kLeast = 0.45;
  constexpr double kMost = 1.03;
  const Field in_first = MakeField(first);
  const Field in_second = MakeField(second);
  std::vector<std::pair<double, Overlap>> all;
  const auto add = [&](const std::vector<Guess>& guesses, bool is_first) {
    for (const Guess& guess : guesses) {
      all.emplace_back(guess.strength, is_first
                                           ? Overlap{guess.part, guess.place}
                                           : Overlap{guess.place, guess.part});
    }
  };
  add(Search(first, first.content, in_second, kLeast, kMost), true);
  add(Search(second, second.content, in_first, kLeast, kMost), false);
  add(Search(first, MiddleOf(first.content), in_second, 0.7 * kMiddle,
             1.4 * kMiddle),
      true);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first > b.first;
  });
  std::vector<Overlap> overlaps;
  for (auto& [strength, overlap] : all) overlaps.push_back(overlap);
  return overlaps;
}

}  // namespace verso
