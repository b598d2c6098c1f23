#include "tests/gallery/drawing/painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/gallery/drawing/brush.h"

namespace verso {
namespace {

// Stroke lengths as shares of the longer side, and how often each layer covers
// the canvas. The last layer's length is the style's.
struct Layer {
  float length;
  float coverage;
};
constexpr std::array<Layer, 3> kCoarseLayers = {
    {{0.16f, 1.6f}, {0.10f, 1.4f}, {0.06f, 1.3f}}};
constexpr float kFineCoverage = 1.1f;
constexpr float kMinStroke = 5;  // Pixels.

// Summed over the channels: what a finer stroke need not correct.
constexpr float kCloseEnough = 24;

// Wet paint: three planes of 0..255.
class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width), height_(height), planes_(3 * Area()) {}

  int width() const { return width_; }
  int height() const { return height_; }
  size_t Area() const { return static_cast<size_t>(width_) * height_; }

  void Fill(const Rgb& color) {
    std::fill_n(Row(0, 0), Area(), static_cast<int16_t>(color.r));
    std::fill_n(Row(1, 0), Area(), static_cast<int16_t>(color.g));
    std::fill_n(Row(2, 0), Area(), static_cast<int16_t>(color.b));
  }

  float Difference(int x, int y, const Rgb& color) {
    return std::abs(Row(0, y)[x] - color.r) + std::abs(Row(1, y)[x] - color.g) +
           std::abs(Row(2, y)[x] - color.b);
  }

  // Presses a mark on the canvas, centred on (x, y). `relief`: 0..16, how
  // strong its ridges are.
  void Press(const BrushMark& mark, int x, int y, const Rgb& color,
             int16_t relief) {
    const int left = x - mark.size / 2;
    const int top = y - mark.size / 2;
    const int from = std::max(0, -left);
    const int to = std::min(mark.size, width_ - left);
    const std::array<float, 3> channels = {color.r, color.g, color.b};
    for (int row = std::max(0, -top); row < std::min(mark.size, height_ - top);
         ++row) {
      const int16_t* cover = &mark.cover[static_cast<size_t>(row) * mark.size];
      const int16_t* ridge = &mark.relief[static_cast<size_t>(row) * mark.size];
      for (int channel = 0; channel < 3; ++channel) {
        PressRow(cover, ridge, from, to,
                 static_cast<int16_t>(channels[channel]), relief,
                 Row(channel, top + row) + left);
      }
    }
  }

  Image ToImage() {
    Image image{width_, height_, std::vector<uint8_t>(3 * Area())};
    for (size_t i = 0; i < Area(); ++i) {
      for (int channel = 0; channel < 3; ++channel) {
        image.rgb[3 * i + channel] =
            static_cast<uint8_t>(planes_[channel * Area() + i]);
      }
    }
    return image;
  }

 private:
  // 16-bit arithmetic, so that the compiler handles eight pixels at once:
  // 255 * 127 just fits.
  static void PressRow(const int16_t* cover, const int16_t* ridge, int from,
                       int to, int16_t color, int16_t relief, int16_t* paint) {
    for (int i = from; i < to; ++i) {
      const auto raised = static_cast<int16_t>((ridge[i] * relief) >> 4);
      const auto target = static_cast<int16_t>(
          std::clamp<int16_t>(static_cast<int16_t>(color + raised), 0, 255));
      const auto change = static_cast<int16_t>(
          static_cast<int16_t>((target - paint[i]) * cover[i]) >> 7);
      paint[i] = static_cast<int16_t>(paint[i] + change);
    }
  }

  int16_t* Row(int channel, int y) {
    return planes_.data() + channel * Area() + static_cast<size_t>(y) * width_;
  }

  int width_;
  int height_;
  std::vector<int16_t> planes_;
};

float Clamped(float value) { return std::clamp(value, 0.0f, 255.0f); }

Rgb Jitter(const Rgb& color, float amount, Random& random) {
  const float tone = amount * 0.6f * random.Normal();
  return {Clamped(color.r + tone + amount * 0.5f * random.Normal()),
          Clamped(color.g + tone + amount * 0.5f * random.Normal()),
          Clamped(color.b + tone + amount * 0.5f * random.Normal())};
}

void PaintLayer(const Scene& scene, const ArtStyle& style, float length,
                float coverage, bool first, Random& random, Canvas& canvas) {
  const auto strokes =
      static_cast<int>(coverage * static_cast<float>(canvas.Area()) /
                       (length * length * kBrushCoverage));
  const auto relief = static_cast<int16_t>(16 * style.impasto);
  for (int i = 0; i < strokes; ++i) {
    const int x = random.Below(canvas.width());
    const int y = random.Below(canvas.height());
    const ScenePoint point =
        LookAt(scene, static_cast<float>(x) / canvas.width(),
               static_cast<float>(y) / canvas.height());
    if (!first && canvas.Difference(x, y, point.color) <
                      kCloseEnough + 2 * style.color_jitter) {
      continue;
    }
    const float angle = point.angle + 0.25f * random.Normal();
    canvas.Press(FindBrushMark(length, angle), x, y,
                 Jitter(point.color, style.color_jitter, random), relief);
  }
}

}  // namespace

Image PaintScene(const Scene& scene, const ArtStyle& style, int width,
                 int height, Random& random) {
  Canvas canvas(width, height);
  canvas.Fill(Jitter(Mix(scene.top, scene.bottom, 0.5f), 4, random));
  const auto side = static_cast<float>(std::max(width, height));
  bool first = true;
  for (const Layer& layer : kCoarseLayers) {
    PaintLayer(scene, style, std::max(kMinStroke, layer.length * side),
               layer.coverage, first, random, canvas);
    first = false;
  }
  PaintLayer(scene, style, std::max(kMinStroke, style.finest_stroke * side),
             kFineCoverage, false, random, canvas);
  return canvas.ToImage();
}

void AddCanvas(const ArtStyle& style, Random& random, Image& image) {
  // Periods that are no whole numbers: nothing repeats with the pixel grid.
  const float period = random.Uniform(2.6f, 6.3f);
  const float weave = style.canvas * random.Uniform(0.0f, 0.7f);
  const float noise = random.Uniform(0.2f, 2.0f);
  const float slope = random.Uniform(-12, 12);
  std::vector<float> columns(image.width);
  for (int x = 0; x < image.width; ++x) {
    columns[x] = weave * std::sin(6.2831853f * static_cast<float>(x) / period) +
                 slope * (static_cast<float>(x) / image.width - 0.5f);
  }
  for (int y = 0; y < image.height; ++y) {
    const float row =
        weave * std::sin(6.2831853f * static_cast<float>(y) / period);
    uint8_t* pixel = &image.rgb[static_cast<size_t>(y) * image.width * 3];
    for (int x = 0; x < image.width; ++x, pixel += 3) {
      const float change = 0.5f * (columns[x] + row) + noise * random.Normal();
      for (int channel = 0; channel < 3; ++channel) {
        pixel[channel] = static_cast<uint8_t>(
            Clamped(static_cast<float>(pixel[channel]) + change));
      }
    }
  }
}

}  // namespace verso
