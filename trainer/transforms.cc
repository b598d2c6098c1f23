#include "trainer/transforms.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "ATen/ATen.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/image.h"
#include "common/image/jpeg.h"
#include "trainer/noise.h"

namespace verso {
namespace {

constexpr int kBlurKernel = 7;
constexpr int kMinImageSize = 32;  // The networks shrink it 32 times.
constexpr int kMaxImageSize = 2048;
constexpr int64_t kMaxEnlargedPixels = 50'000'000;

absl::StatusOr<Image> Decode(absl::string_view image) {
  // The prepared JPEGs of a snapshot take the quicker way.
  if (image.substr(0, 3) == "\xff\xd8\xff") {
    absl::StatusOr<Image> decoded = DecodeJpeg(image);
    if (!absl::IsUnimplemented(decoded.status())) return decoded;
  }
  return DecodeImage(image);
}

// [1, 3, height, width], a view of `image`, interleaved as channels_last.
at::Tensor ViewOf(Image& image) {
  return at::from_blob(image.rgb.data(), {1, image.height, image.width, 3},
                       at::kByte)
      .permute({0, 3, 1, 2});
}

at::Tensor ResizeTo(const at::Tensor& x, int64_t height, int64_t width) {
  if (x.size(2) == height && x.size(3) == width) return x;
  return at::_upsample_bilinear2d_aa(x, {height, width},
                                     /*align_corners=*/false);
}

// Enlarged until the short side is `size`, as torchvision's resize(size).
absl::StatusOr<at::Tensor> EnlargeTo(const at::Tensor& x, int64_t size) {
  const int64_t height = x.size(2), width = x.size(3);
  const int64_t shorter = std::min(height, width);
  if (shorter >= size) return x;
  const int64_t longer = std::max(height, width) * size / shorter;
  if (longer * size > kMaxEnlargedPixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("the picture of ", width, "x", height,
                     " pixels is too narrow to be cropped to ", size));
  }
  return height < width ? ResizeTo(x, size, longer) : ResizeTo(x, longer, size);
}

// Rounds half to even, as torchvision's center_crop().
int64_t CentreOf(int64_t room) {
  return static_cast<int64_t>(std::nearbyint(room / 2.0));
}

at::Tensor CropTo(const at::Tensor& x, int64_t size,
                  std::optional<uint64_t> key) {
  const int64_t rooms[2] = {x.size(2) - size, x.size(3) - size};
  int64_t starts[2];
  for (int i = 0; i < 2; ++i) {
    starts[i] =
        key.has_value()
            ? static_cast<int64_t>(MixBits(*key + i + 1) % (rooms[i] + 1))
            : CentreOf(rooms[i]);
  }
  return x.narrow(2, starts[0], size).narrow(3, starts[1], size);
}

absl::StatusOr<at::Tensor> FitToSquare(const at::Tensor& x,
                                       const TransformOptions& options,
                                       std::optional<uint64_t> crop_key) {
  const int64_t size = options.image_size;
  if (options.image_fit == "resize") return ResizeTo(x, size, size);
  ASSIGN_OR_RETURN(const at::Tensor enlarged, EnlargeTo(x, size));
  return CropTo(enlarged, size, crop_key);
}

// As torchvision's gaussian_blur(), which builds the kernel and pads so.
at::Tensor GaussianBlur(const at::Tensor& x, double sigma) {
  const double half = (kBlurKernel - 1) / 2.0;
  const at::Tensor taps = at::linspace(-half, half, kBlurKernel, x.options());
  at::Tensor line = at::exp(-0.5 * (taps / sigma).pow(2));
  line = line / line.sum();
  const at::Tensor kernel =
      at::mm(line.unsqueeze(1), line.unsqueeze(0))
          .expand({x.size(1), 1, kBlurKernel, kBlurKernel});
  constexpr int64_t kPad = kBlurKernel / 2;
  constexpr int64_t kOne = 1, kNone = 0;
  return at::conv2d(at::reflection_pad2d(x, {kPad, kPad, kPad, kPad}), kernel,
                    /*bias=*/{}, /*stride=*/kOne, /*padding=*/kNone,
                    /*dilation=*/kOne, /*groups=*/x.size(1));
}

void AddNoise(at::Tensor& x, double sigma, const std::vector<uint64_t>& keys) {
  VERSO_CHECK(static_cast<int64_t>(keys.size()) == x.size(0));
  for (int64_t i = 0; i < x.size(0); ++i) {
    at::Tensor picture = x[i];
    picture.add_(
        NormalNoise(keys[i], picture.numel(), x.device()).view_as(picture),
        sigma);
  }
}

at::Tensor ToGrey(const at::Tensor& x) {
  const at::Tensor grey =
      0.2989 * x.select(1, 0) + 0.587 * x.select(1, 1) + 0.114 * x.select(1, 2);
  return grey.unsqueeze(1).expand_as(x).contiguous();
}

void Normalize(at::Tensor& x) {
  const at::Tensor mean =
      at::tensor({0.485f, 0.456f, 0.406f}).to(x.device()).view({3, 1, 1});
  const at::Tensor deviation =
      at::tensor({0.229f, 0.224f, 0.225f}).to(x.device()).view({3, 1, 1});
  x.sub_(mean).div_(deviation);
}

}  // namespace

absl::Status CheckTransforms(const TransformOptions& options) {
  if (options.image_size < kMinImageSize ||
      options.image_size > kMaxImageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("image size ", options.image_size, " is not within ",
                     kMinImageSize, " to ", kMaxImageSize));
  }
  if (options.image_fit != "resize" && options.image_fit != "crop") {
    return absl::InvalidArgumentError(absl::StrCat(
        "image fit \"", options.image_fit, "\" is neither resize nor crop"));
  }
  // Negated, so that NaN is refused too.
  if (!(options.blur_sigma == 0 ||
        (options.blur_sigma >= 0.01 && options.blur_sigma <= 100))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "blur sigma ", options.blur_sigma, " is neither 0 nor 0.01 to 100"));
  }
  if (!(options.noise_sigma >= 0 && options.noise_sigma <= 10)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "noise sigma ", options.noise_sigma, " is not within 0 to 10"));
  }
  return absl::OkStatus();
}

absl::StatusOr<at::Tensor> DecodeForNetwork(absl::string_view image,
                                            const TransformOptions& options,
                                            std::optional<uint64_t> crop_key) {
  ASSIGN_OR_RETURN(Image decoded, Decode(image));
  try {
    ASSIGN_OR_RETURN(const at::Tensor square,
                     FitToSquare(ViewOf(decoded), options, crop_key));
    // A copy in any case: the view dies with `decoded`.
    return square[0].clone(at::MemoryFormat::Contiguous);
  } catch (const std::exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot prepare the picture: ", e.what()));
  }
}

at::Tensor ApplyTransforms(at::Tensor batch, const TransformOptions& options,
                           const std::vector<uint64_t>& noise_keys) {
  at::Tensor x = batch.to(at::kFloat).div_(255);
  if (options.blur_sigma > 0) x = GaussianBlur(x, options.blur_sigma);
  if (options.noise_sigma > 0) AddNoise(x, options.noise_sigma, noise_keys);
  if (options.grayscale) x = ToGrey(x);
  if (options.normalize) Normalize(x);
  return x;
}

uint64_t NoiseKey(absl::string_view sample_id, int draw) {
  // Through a hash: sample ids may be any text.
  const std::string hex = Sha256Hex(absl::StrCat(sample_id, "/", draw));
  uint64_t key = 0;
  VERSO_CHECK(absl::SimpleHexAtoi(hex.substr(0, 16), &key));
  return key;
}

uint64_t TrainingKey(uint64_t seed, uint64_t epoch, uint64_t sample_index) {
  return MixBits(MixBits(MixBits(seed + 1) + epoch + 1) + sample_index + 1);
}

}  // namespace verso
