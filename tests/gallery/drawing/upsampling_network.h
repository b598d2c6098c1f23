#ifndef VERSO_TESTS_GALLERY_DRAWING_UPSAMPLING_NETWORK_H_
#define VERSO_TESTS_GALLERY_DRAWING_UPSAMPLING_NETWORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/image/image.h"

namespace verso {

// Channels of a feature map in planes, with a border of one pixel all round.
struct FeatureMap {
  FeatureMap(int channels, int width, int height);

  // Row `y` (-1..height) of a channel, from x = 0; x = -1 and x = width are
  // there too.
  float* Row(int channel, int y) { return values.data() + Offset(channel, y); }
  const float* Row(int channel, int y) const {
    return values.data() + Offset(channel, y);
  }
  // Fills the border with the pixels beside it.
  void ExtendEdges();

  int channels;
  int width;
  int height;
  std::vector<float> values;

 private:
  size_t Offset(int channel, int y) const {
    return (static_cast<size_t>(channel) * (height + 2) + y + 1) * (width + 2) +
           1;
  }
};

// How a generator doubles its feature maps; both leave traces with a period of
// two pixels, of different kinds.
enum class Upsampling {
  kNearestThenConvolution,  // As in the decoder of Stable Diffusion.
  kTransposedConvolution,   // Kernel 4, stride 2.
};

// A small decoder with random weights, as image generators end in one: it
// turns a picture's coarse versions and noise into a picture, doubling the size
// three times. Its weights depend on (family, upsampling) alone. Thread-safe.
class UpsamplingNetwork {
 public:
  UpsamplingNetwork(uint64_t family, Upsampling upsampling);

  // A picture of twice the size of `guide`, with its content and colours.
  // `seed` is that of the noise. REQUIRES: the sides of `guide` are multiples
  // of 4.
  Image Decode(const Image& guide, uint64_t seed) const;

 private:
  // Doubles the size. Output row 2y + p is made of the input's rows y - 1 + p
  // and y + p, the same for columns: four 2x2 kernels, one per phase.
  struct Stage {
    int inputs;
    int outputs;
    // [outputs][phase y][phase x][inputs][2][2]
    std::vector<float> kernels;
  };

  static Stage MakeStage(int inputs, int outputs, float color_weight,
                         Upsampling upsampling, uint64_t seed);
  static FeatureMap Apply(const Stage& stage, const FeatureMap& input);

  std::array<Stage, 3> stages_;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_UPSAMPLING_NETWORK_H_
