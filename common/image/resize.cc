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

int RoundToInt(double x) { return static_cast<int>(std::lround(x)); }

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
    const int first = std::max(0, RoundToInt(center - reach));
    const int end = std::min(from, RoundToInt(center + reach));
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

// The weighted sum of whole rows. Down comes before
// across because this loop alone is one that compilers vectorise.
void SumRows(const uint8_t* rows, const Taps& tap, std::vector<float>& sum) {
  std::fill(sum.begin(), sum.end(), 0.f);
  const uint8_t* row = rows + tap.first * sum.size();
  for (const float weight : tap.weights) {
    for (size_t i = 0; i < sum.size(); ++i) {
      sum[i] += weight * static_cast<float>(row[i]);
    }
    row += sum.size();
  }
}

uint8_t ToByte(float value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5f, 0.f, 255.f));
}

// Appends one row of 3-channel pixels, `taps.size()` of them.
void AppendRow(const std::vector<float>& row, const std::vector<Taps>& taps,
               std::vector<uint8_t>& out) {
  for (const Taps& tap : taps) {
    float sum[3] = {0, 0, 0};
    const float* pixel = row.data() + size_t{3} * tap.first;
    for (const float weight : tap.weights) {
      for (int c = 0; c < 3; ++c) sum[c] += weight * pixel[c];
      pixel += 3;
    }
    for (const float value : sum) out.push_back(ToByte(value));
  }
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
  Image result{width, height, {}};
  result.rgb.reserve(size_t{3} * width * height);
  std::vector<float> row(size_t{3} * image.width);
  for (const Taps& tap : down) {
    SumRows(image.rgb.data(), tap, row);
    AppendRow(row, across, result.rgb);
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
