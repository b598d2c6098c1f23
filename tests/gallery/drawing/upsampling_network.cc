#include "tests/gallery/drawing/upsampling_network.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"
#include "tests/gallery/drawing/random.h"

namespace verso {
namespace {

constexpr int kColors = 3;
constexpr int kHiddenChannels = 7;

// Deviation of the random weights that lead to a hidden channel, and of those
// that lead to a colour in each stage: they set how strong the texture is.
constexpr float kHiddenWeight = 0.3f;
constexpr std::array<float, 3> kColorWeight = {0.05f, 0.03f, 0.016f};

// How much of the coarse picture each hidden stage is given back, so that the
// content stays; generators have their text encoder for that.
constexpr float kGuidance = 0.8f;

// A picture in planes, about -1..1.
FeatureMap ToFeatures(const Image& image) {
  FeatureMap map(kColors, image.width, image.height);
  const uint8_t* pixel = image.rgb.data();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < kColors; ++c) {
        map.Row(c, y)[x] = static_cast<float>(*pixel++) / 127.5f - 1;
      }
    }
  }
  return map;
}

FeatureMap HalveSize(const FeatureMap& map) {
  FeatureMap half(map.channels, map.width / 2, map.height / 2);
  for (int c = 0; c < map.channels; ++c) {
    for (int y = 0; y < half.height; ++y) {
      const float* upper = map.Row(c, 2 * y);
      const float* lower = map.Row(c, 2 * y + 1);
      float* out = half.Row(c, y);
      for (int x = 0; x < half.width; ++x) {
        out[x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] +
                          lower[2 * x + 1]);
      }
    }
  }
  return half;
}

struct Moments {
  float mean = 0;
  float deviation = 0;
};

Moments MomentsOf(const FeatureMap& map, int channel) {
  double sum = 0;
  double squares = 0;
  for (int y = 0; y < map.height; ++y) {
    const float* row = map.Row(channel, y);
    for (int x = 0; x < map.width; ++x) {
      sum += row[x];
      squares += static_cast<double>(row[x]) * row[x];
    }
  }
  const double n = static_cast<double>(map.width) * map.height;
  const double mean = sum / n;
  return {static_cast<float>(mean),
          static_cast<float>(std::sqrt(squares / n - mean * mean + 1e-6))};
}

// Gives a channel another mean and deviation.
void Renormalize(const Moments& wanted, FeatureMap& map, int channel) {
  const Moments has = MomentsOf(map, channel);
  const float scale = wanted.deviation / has.deviation;
  for (int y = 0; y < map.height; ++y) {
    float* row = map.Row(channel, y);
    for (int x = 0; x < map.width; ++x) {
      row[x] = (row[x] - has.mean) * scale + wanted.mean;
    }
  }
}

// Between two stages: leaky ReLU and normalisation of the hidden channels; the
// colours go back towards the coarse picture of this size.
void Settle(const FeatureMap& guide, FeatureMap& map) {
  for (int c = 0; c < map.channels; ++c) {
    for (int y = 0; y < map.height; ++y) {
      float* row = map.Row(c, y);
      const float* wanted = c < kColors ? guide.Row(c, y) : nullptr;
      for (int x = 0; x < map.width; ++x) {
        row[x] = wanted != nullptr ? row[x] + kGuidance * (wanted[x] - row[x])
                                   : std::max(row[x], 0.2f * row[x]);
      }
    }
    if (c >= kColors) Renormalize({0, 1}, map, c);
  }
}

FeatureMap WithNoise(const FeatureMap& colors, Random& random) {
  FeatureMap map(kHiddenChannels, colors.width, colors.height);
  for (int c = 0; c < map.channels; ++c) {
    for (int y = 0; y < map.height; ++y) {
      for (int x = 0; x < map.width; ++x) {
        map.Row(c, y)[x] = c < kColors ? colors.Row(c, y)[x] : random.Normal();
      }
    }
  }
  return map;
}

Image ToImage(const FeatureMap& map) {
  Image image{map.width, map.height, {}};
  image.rgb.resize(static_cast<size_t>(map.width) * map.height * kColors);
  for (int c = 0; c < kColors; ++c) {
    for (int y = 0; y < map.height; ++y) {
      uint8_t* out = &image.rgb[static_cast<size_t>(y) * map.width * 3 + c];
      const float* row = map.Row(c, y);
      for (int x = 0; x < map.width; ++x) {
        const float level = (row[x] + 1) * 127.5f + 0.5f;
        out[static_cast<size_t>(x) * kColors] =
            static_cast<uint8_t>(std::clamp(level, 0.0f, 255.0f));
      }
    }
  }
  return image;
}

// The 3x3 kernel that smooths an upsampled channel when it is passed on.
float PassOn(int ky, int kx) {
  constexpr std::array<float, 3> kSmooth = {0.25f, 0.5f, 0.25f};
  return kSmooth[ky] * kSmooth[kx];
}

// Where tap `k` (0..2) of a 3x3 kernel falls after nearest-neighbour doubling,
// among the two input rows of an output row with this phase.
int TapAfterDoubling(int phase, int k) { return (phase + k + 1) / 2 - phase; }

}  // namespace

FeatureMap::FeatureMap(int channels, int width, int height)
    : channels(channels),
      width(width),
      height(height),
      values(static_cast<size_t>(channels) * (width + 2) * (height + 2)) {}

void FeatureMap::ExtendEdges() {
  for (int c = 0; c < channels; ++c) {
    for (int y = 0; y < height; ++y) {
      float* row = Row(c, y);
      row[-1] = row[0];
      row[width] = row[width - 1];
    }
    std::copy_n(Row(c, 0) - 1, width + 2, Row(c, -1) - 1);
    std::copy_n(Row(c, height - 1) - 1, width + 2, Row(c, height) - 1);
  }
}

UpsamplingNetwork::UpsamplingNetwork(uint64_t family, Upsampling upsampling)
    : stages_{MakeStage(kHiddenChannels, kHiddenChannels, kColorWeight[0],
                        upsampling, SeedFor(family, "1")),
              MakeStage(kHiddenChannels, kHiddenChannels, kColorWeight[1],
                        upsampling, SeedFor(family, "2")),
              MakeStage(kHiddenChannels, kColors, kColorWeight[2], upsampling,
                        SeedFor(family, "3"))} {}

UpsamplingNetwork::Stage UpsamplingNetwork::MakeStage(int inputs, int outputs,
                                                      float color_weight,
                                                      Upsampling upsampling,
                                                      uint64_t seed) {
  Stage stage{inputs, outputs, {}};
  stage.kernels.resize(static_cast<size_t>(outputs) * inputs * 16);
  Random random(seed);
  const auto kernel = [&](int out, int py, int px, int in, int dy,
                          int dx) -> float& {
    const int phase = (out * 2 + py) * 2 + px;
    return stage.kernels[((phase * inputs + in) * 2 + dy) * 2 + dx];
  };
  const bool nearest = upsampling == Upsampling::kNearestThenConvolution;
  for (int out = 0; out < outputs; ++out) {
    for (int in = 0; in < inputs; ++in) {
      const float deviation = out < kColors ? color_weight : kHiddenWeight;
      std::array<float, 9> weights;
      for (float& weight : weights) weight = deviation * random.Normal();
      for (int p = 0; p < 4; ++p) {
        for (int k = 0; k < 9; ++k) {
          const int dy = TapAfterDoubling(p / 2, k / 3);
          const int dx = TapAfterDoubling(p % 2, k % 3);
          const float pass = in == out ? PassOn(k / 3, k % 3) : 0;
          kernel(out, p / 2, p % 2, in, dy, dx) +=
              pass + (nearest ? weights[k] : 0);
        }
        for (int k = 0; !nearest && k < 4; ++k) {
          kernel(out, p / 2, p % 2, in, k / 2, k % 2) +=
              deviation * random.Normal();
        }
      }
    }
  }
  return stage;
}

FeatureMap UpsamplingNetwork::Apply(const Stage& stage,
                                    const FeatureMap& input) {
  FeatureMap output(stage.outputs, 2 * input.width, 2 * input.height);
  std::vector<float> sums(input.width);
  for (int out = 0; out < stage.outputs; ++out) {
    for (int row = 0; row < output.height; ++row) {
      const int phase_y = row % 2;
      float* result = output.Row(out, row);
      for (int phase_x = 0; phase_x < 2; ++phase_x) {
        const float* kernel =
            &stage.kernels[static_cast<size_t>((out * 2 + phase_y) * 2 +
                                               phase_x) *
                           stage.inputs * 4];
        std::fill(sums.begin(), sums.end(), 0.0f);
        for (int in = 0; in < stage.inputs; ++in, kernel += 4) {
          const float* upper =
              input.Row(in, row / 2 - 1 + phase_y) + phase_x - 1;
          const float* lower = input.Row(in, row / 2 + phase_y) + phase_x - 1;
          for (int x = 0; x < input.width; ++x) {
            sums[x] += kernel[0] * upper[x] + kernel[1] * upper[x + 1] +
                       kernel[2] * lower[x] + kernel[3] * lower[x + 1];
          }
        }
        for (int x = 0; x < input.width; ++x) {
          result[2 * x + phase_x] = sums[x];
        }
      }
    }
  }
  return output;
}

Image UpsamplingNetwork::Decode(const Image& guide, uint64_t seed) const {
  VERSO_CHECK(guide.width % 4 == 0 && guide.height % 4 == 0);
  const FeatureMap half = ToFeatures(guide);
  const FeatureMap quarter = HalveSize(half);
  const FeatureMap eighth = HalveSize(quarter);
  Random random(seed);
  FeatureMap map = WithNoise(eighth, random);
  map.ExtendEdges();
  map = Apply(stages_[0], map);
  Settle(quarter, map);
  map.ExtendEdges();
  map = Apply(stages_[1], map);
  Settle(half, map);
  map.ExtendEdges();
  map = Apply(stages_[2], map);
  for (int c = 0; c < kColors; ++c) {
    Renormalize(MomentsOf(half, c), map, c);
  }
  return ToImage(map);
}

}  // namespace verso
