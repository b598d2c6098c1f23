#include "tests/common/image/test_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

namespace verso::testing {
namespace {

// `rgb` += the colour, fading towards the edge of a stroke.
void Paint(Image& image, double x, double y, double length, double angle,
           const int color[3]) {
  const double dx = std::cos(angle);
  const double dy = std::sin(angle);
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      const double along = (column - x) * dx + (row - y) * dy;
      const double across = (row - y) * dx - (column - x) * dy;
      const double reach =
          std::pow(along / length, 2) + std::pow(across / (0.2 * length), 2);
      if (reach >= 1) continue;
      uint8_t* rgb = &image.rgb[size_t{3} * (row * image.width + column)];
      for (int c = 0; c < 3; ++c) {
        rgb[c] = static_cast<uint8_t>(rgb[c] * reach + color[c] * (1 - reach));
      }
    }
  }
}

}  // namespace

Image Painting(int width, int height, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto number = [&random](int limit) {
    return static_cast<int>(random() % limit);
  };
  Image image = Flat(width, height, number(256), number(256), number(256));
  const int side = std::max(width, height);
  for (int stroke = 0; stroke < 12; ++stroke) {
    const int color[3] = {number(256), number(256), number(256)};
    const double length = side * (0.15 + 0.05 * number(8));
    Paint(image, number(width), number(height), length, 0.1 * number(32),
          color);
  }
  return image;
}

Image Flat(int width, int height, uint8_t red, uint8_t green, uint8_t blue) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    image.rgb.insert(image.rgb.end(), {red, green, blue});
  }
  return image;
}

int MaxDifference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  int most = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) {
    most = std::max(most, std::abs(a.rgb[i] - b.rgb[i]));
  }
  return most;
}

double MeanDifference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i)
    sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / a.rgb.size();
}

}  // namespace verso::testing
