#include "common/image/sandbox/image_sandbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/image/decode.h"
#include "common/image/jpeg.h"
#include "common/image/perceptual_hash.h"
#include "common/image/sandbox/decoder_child.h"
#include "common/image/sandbox/one_pixel_pictures.h"

namespace verso {
namespace {

constexpr absl::Duration kCpuTime = absl::Seconds(2);
constexpr absl::Duration kWallTime = absl::Seconds(60);
constexpr int64_t kMemoryBytes = int64_t{512} << 20;
constexpr int kMaxDecoders = 256;
constexpr int64_t kMaxMaxPixels = 2'000'000'000;

// Bounds what memory a decoder loses with time, and how many other images one
// that was taken over could misjudge.
constexpr int kImagesPerDecoder = 10'000;

DecoderBudget BudgetOf(const DecodeLimits& limits) {
  const double factor =
      std::max(1.0, static_cast<double>(limits.max_pixels) /
                        static_cast<double>(DecodeLimits().max_pixels));
  return {factor * kCpuTime, factor * kWallTime,
          static_cast<int64_t>(factor * kMemoryBytes)};
}

int DecodersOf(const ImageSandboxOptions& options) {
  if (options.header_only) return 0;
  if (options.decoders > 0) return options.decoders;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(cores, 1, kMaxDecoders);
}

// Pixels that are only looked at: libjpeg-turbo's are at most one level apart
// from libvips', at less than half the time. What it leaves to libvips, and
// what is no JPEG, goes there.
absl::StatusOr<Image> DecodeToLookAt(const DecoderRequest& request) {
  absl::StatusOr<Image> image = DecodeJpeg(request.bytes);
  if (!absl::IsUnimplemented(image.status()) &&
      !absl::IsInvalidArgument(image.status())) {
    return image;
  }
  return DecodeImage(request.bytes, request.limits);
}

// In the decoder process.
absl::StatusOr<DecodedImage> DecodeRequested(const DecoderRequest& request) {
  DecodedImage decoded;
  if (request.wants_pixels) {
    ASSIGN_OR_RETURN(decoded.image, DecodeImage(request.bytes, request.limits));
    return decoded;
  }
  ASSIGN_OR_RETURN(const Image image, DecodeToLookAt(request));
  decoded.perceptual_hash = PerceptualHash(image);
  return decoded;
}

}  // namespace

struct ImageSandbox::Job {
  const DecoderRequest& request;
  absl::StatusOr<DecodedImage> result{absl::UnknownError("not done yet")};
  absl::Notification done;
};

absl::Status CheckImageSandboxOptions(const ImageSandboxOptions& options) {
  if (options.decoders < 0 || options.decoders > kMaxDecoders) {
    return absl::InvalidArgumentError(
        absl::StrCat("decoders must lie in 0..", kMaxDecoders));
  }
  if (options.limits.max_pixels < 1 ||
      options.limits.max_pixels > kMaxMaxPixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_pixels must lie in 1..", kMaxMaxPixels));
  }
  return absl::OkStatus();
}

void ImageSandboxMain(int argc, char** argv) {
  RunIfDecoderChild(argc, argv, DecodeRequested);
}

absl::StatusOr<std::unique_ptr<ImageSandbox>> ImageSandbox::Create(
    const ImageSandboxOptions& options) {
  RETURN_IF_ERROR(CheckImageSandboxOptions(options));
  std::unique_ptr<ImageSandbox> sandbox(new ImageSandbox(options));
  if (!options.header_only) RETURN_IF_ERROR(sandbox->TestDecoders());
  return sandbox;
}

ImageSandbox::ImageSandbox(const ImageSandboxOptions& options)
    : limits_(options.limits),
      budget_(BudgetOf(options.limits)),
      jobs_(std::max(1, DecodersOf(options))) {
  for (int i = 0; i < DecodersOf(options); ++i) {
    keepers_.emplace_back([this] { Keep(); });
  }
}

ImageSandbox::~ImageSandbox() {
  jobs_.Close();
  for (std::thread& keeper : keepers_) keeper.join();
}

// A C library that uses other system calls than ours would otherwise make all
// images seem broken.
absl::Status ImageSandbox::TestDecoders() {
  for (const std::string& picture : OnePixelPictures()) {
    const absl::Status status = Examine(picture).status();
    if (absl::IsUnavailable(status) || absl::IsFailedPrecondition(status)) {
      return status;
    }
    if (!status.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "images cannot be decoded in a confined process on this system (",
          status.message(),
          "); its libraries need system calls that "
          "common/image/sandbox/syscall_filter.cc does not allow"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ImageProbe> ImageSandbox::Judge(absl::string_view bytes) const {
  ASSIGN_OR_RETURN(ImageProbe probe, ProbeImage(bytes));
  RETURN_IF_ERROR(CheckLimits(probe, limits_));
  return probe;
}

absl::StatusOr<ExaminedImage> ImageSandbox::Examine(absl::string_view bytes) {
  ASSIGN_OR_RETURN(ImageProbe probe, Judge(bytes));
  if (keepers_.empty()) return ExaminedImage{std::move(probe), ""};
  ASSIGN_OR_RETURN(DecodedImage decoded,
                   Run({.bytes = bytes, .limits = limits_}));
  return ExaminedImage{std::move(probe), std::move(decoded.perceptual_hash)};
}

absl::StatusOr<Image> ImageSandbox::Decode(absl::string_view bytes) {
  VERSO_CHECK(!keepers_.empty());
  ASSIGN_OR_RETURN(const ImageProbe probe, Judge(bytes));
  const bool turns = probe.orientation >= 5;
  ASSIGN_OR_RETURN(DecodedImage decoded,
                   Run({.bytes = bytes,
                        .limits = limits_,
                        .wants_pixels = true,
                        .width = turns ? probe.height : probe.width,
                        .height = turns ? probe.width : probe.height}));
  return std::move(decoded.image);
}

absl::StatusOr<DecodedImage> ImageSandbox::Run(const DecoderRequest& request) {
  Job job{.request = request};
  jobs_.Push(&job);
  job.done.WaitForNotification();
  return std::move(job.result);
}

// The thread that starts a decoder must outlive it (decoder_process.h), so it
// also talks to it.
void ImageSandbox::Keep() {
  std::unique_ptr<DecoderProcess> decoder;
  int images = 0;
  while (const std::optional<Job*> next = jobs_.Pop()) {
    Job& job = **next;
    if (decoder == nullptr || !decoder->IsAlive() ||
        images == kImagesPerDecoder) {
      decoder = nullptr;
      images = 0;
      auto started = DecoderProcess::Start(budget_);
      if (started.ok()) {
        decoder = *std::move(started);
      } else {
        job.result = started.status();
      }
    }
    if (decoder != nullptr) {
      ++images;
      job.result = decoder->Decode(job.request);
    }
    job.done.Notify();
  }
}

}  // namespace verso
