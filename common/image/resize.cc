#include "common/image/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

constexpr double kLobes = 3;
constexpr int kMaxSide = 16384;
constexpr double kPi = 3.14159265358979323846;

double Sinc(double x) { return x == 0 ? 1 : std::sin(kPi * x) / (kPi * x); }

double Lanczos(double x) {
  return std::abs(x) < kLobes ? Sinc(x) * Sinc(x / kLobes) : 0;
}

// The pixels that one pixel of the result is made of.
struct Taps {
  int first = 0;
  std::vector<float> weights;  // Of first, first + 1, ...; their sum is 1.
};

// One per pixel of a side that goes from `from` to `to` pixels.
std::vector<Taps> MakeTaps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  std::vector<Taps> all(to);
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const double reach = kLobes * stretch;
    const int first = std::max(0, static_cast<int>(center - reach + 0.5));
    const int end = std::min(from, static_cast<int>(center + reach + 0.5));
    double sum = 0;
    std::vector<double> weights;
    for (int j = first; j < end; ++j) {
      weights.push_back(Lanczos((j + 0.5 - center) / stretch));
      sum += weights.back();
    }
    all[i].first = first;
    for (const double weight : weights) {
      all[i].weights.push_back(static_cast<float>(weight / sum));
    }
  }
  return all;
}

// One row of 3-channel pixels to `taps.size()` pixels.
void ShrinkRow(const uint8_t* row, const std::vector<Taps>& taps, float* out) {
  for (const Taps& tap : taps) {
    float sum[3] = {0, 0, 0};
    const uint8_t* pixel = row + size_t{3} * tap.first;
    for (const float weight : tap.weights) {
      for (int c = 0; c < 3; ++c) sum[c] += weight * pixel[c];
      pixel += 3;
    }
    out = std::copy(sum, sum + 3, out);
  }
}

// The weighted sum of whole rows of `floats` values each.
void SumRows(const float* rows, const Taps& tap, size_t floats,
             std::vector<float>& sum) {
  std::fill(sum.begin(), sum.end(), 0.f);
  const float* row = rows + tap.first * floats;
  for (const float weight : tap.weights) {
    for (size_t i = 0; i < floats; ++i) sum[i] += weight * row[i];
    row += floats;
  }
}

uint8_t ToByte(float value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.f, 255.f));
}

}  // namespace

absl::StatusOr<Image> Resize(const Image& image, int width, int height) {
  RETURN_IF_ERROR(CheckImage(image));
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot resize to ", width, "x", height,
                     " pixels; a side has 1 to ", kMaxSide));
  }
  if (width == image.width && height == image.height) return image;
  const std::vector<Taps> across = MakeTaps(image.width, width);
  const std::vector<Taps> down = MakeTaps(image.height, height);
  const size_t row_values = size_t{3} * width;
  std::vector<float> rows(row_values * image.height);  // [from, width, 3]
  for (int y = 0; y < image.height; ++y) {
    ShrinkRow(image.rgb.data() + size_t{3} * image.width * y, across,
              rows.data() + row_values * y);
  }
  Image result{width, height, {}};
  result.rgb.reserve(row_values * height);
  std::vector<float> sum(row_values);
  for (const Taps& tap : down) {
    SumRows(rows.data(), tap, row_values, sum);
    for (const float value : sum) result.rgb.push_back(ToByte(value));
  }
  return result;
}

absl::StatusOr<Image> Crop(const Image& image, int x, int y, int width,
                           int height) {
  RETURN_IF_ERROR(CheckImage(image));
  if (width < 1 || height < 1 || x < 0 || y < 0 || x > image.width - width ||
      y > image.height - height) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot crop ", width, "x", height, " pixels at (", x,
                     ", ", y, ") out of ", image.width, "x", image.height));
  }
  Image result{width, height, {}};
  result.rgb.reserve(size_t{3} * width * height);
  for (int row = y; row < y + height; ++row) {
    const auto start = image.rgb.begin() + 3 * (int64_t{image.width} * row + x);
    result.rgb.insert(result.rgb.end(), start, start + int64_t{3} * width);
  }
  return result;
}

}  // namespace verso
