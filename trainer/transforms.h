#ifndef VERSO_TRAINER_TRANSFORMS_H_
#define VERSO_TRAINER_TRANSFORMS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trainer/checkpoint_manifest.h"

namespace verso {

// kInvalidArgument: an option out of its range; it is named.
absl::Status CheckTransforms(const TransformOptions& options);

// Decodes a picture (JPEG, PNG, WebP or GIF) to what the network is fed with:
// uint8, [3, image_size, image_size], RGB, on the CPU, contiguous.
// "resize": squashed to the square, bilinear with antialias (resize() of
// torchvision.transforms.v2 on a uint8 tensor, bit for bit).
// "crop": a square of the picture's own pixels; its place is a function of
// `crop_key`, or the centre without one (validation, inference). A picture
// with a side below image_size is first enlarged until that side fits.
// kInvalidArgument: not a picture, too large, or too narrow to be cropped.
// kDataLoss: truncated or broken.
absl::StatusOr<at::Tensor> DecodeForNetwork(absl::string_view image,
                                            const TransformOptions& options,
                                            std::optional<uint64_t> crop_key);

// What is done on the device, the same in training and inference, in this
// order: to 0..1; Gaussian blur, kernel 7 (torchvision's gaussian_blur());
// plus normal noise of noise_sigma, not clipped; grey (torchvision's weights,
// three equal channels); ImageNet mean and deviation.
// `batch`: uint8, [n, 3, s, s], any device. Returns float32, [n, 3, s, s].
// `noise_keys`: one a picture, unused without noise. A picture's noise is a
// function of its key alone: the same in any batch and on any device, but for
// rounding. REQUIRES: noise_keys.size() == n where there is noise.
at::Tensor ApplyTransforms(at::Tensor batch, const TransformOptions& options,
                           const std::vector<uint64_t>& noise_keys);

// Keys the noise of inference: the same sample and draw, the same noise.
uint64_t NoiseKey(absl::string_view sample_id, int draw);

// Keys crop and noise of training: new ones for each epoch, the same for any
// number of ranks.
uint64_t TrainingKey(uint64_t seed, uint64_t epoch, uint64_t sample_index);

}  // namespace verso

#endif  // VERSO_TRAINER_TRANSFORMS_H_
