#ifndef VERSO_COMMON_IMAGE_SANDBOX_IMAGE_SANDBOX_H_
#define VERSO_COMMON_IMAGE_SANDBOX_IMAGE_SANDBOX_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/bounded_queue.h"
#include "common/image/decode_limits.h"
#include "common/image/image.h"
#include "common/image/probe.h"
#include "common/image/sandbox/decoder_process.h"

namespace verso {

struct ImageSandboxOptions {
  DecodeLimits limits;
  int decoders = 0;  // Processes, which is images at a time; 0: one per core.
  // Examine() judges by the header alone: there are no decoders, no hash, and
  // what is cut off in its pixels passes.
  bool header_only = false;
};

// kInvalidArgument: limits.max_pixels outside of 1..2,000,000,000, or decoders
// outside of 0..256.
absl::Status CheckImageSandboxOptions(const ImageSandboxOptions& options);

struct ExaminedImage {
  ImageProbe probe;
  std::string perceptual_hash;
};

// The first line of main() of every binary that creates an ImageSandbox, which
// runs that binary again. In such a process it does not return.
void ImageSandboxMain(int argc, char** argv);

// Decodes images that nobody vouches for, each in one of a few processes that
// cannot reach files, the network or other processes, and that are replaced
// when a picture crashes or overruns them. A picture may take 2 s of processor
// time, 60 s in all, and 512 MiB; more by the factor by which `limits` allows
// more pixels than the default. Thread-safe; callers beyond the number of
// decoders wait.
class ImageSandbox {
 public:
  // Starts a first decoder and lets it decode a pixel of each format.
  // kInvalidArgument as CheckImageSandboxOptions(). kFailedPrecondition: main()
  // does not start with ImageSandboxMain(), or this system cannot confine a
  // process (says what it takes; there is no way around). kUnavailable: no
  // process can be started.
  static absl::StatusOr<std::unique_ptr<ImageSandbox>> Create(
      const ImageSandboxOptions& options = {});

  // Ends the decoders. No call may be going on.
  ~ImageSandbox();

  int decoders() const { return static_cast<int>(keepers_.size()); }

  // Both judge the header in this process (ProbeImage() and CheckLimits())
  // before a decoder sees the image. What befell one image:
  // kInvalidArgument: not an image, animated, or beyond the limits.
  // kDataLoss: truncated or broken.
  // kResourceExhausted: decoding it takes too much memory.
  // kDeadlineExceeded: decoding it takes too long.
  // kInternal: it crashed the decoder.
  // And not the image's fault, kUnavailable or kFailedPrecondition: a decoder
  // cannot be started any more.

  // What the file says of itself, and the picture's perceptual hash.
  absl::StatusOr<ExaminedImage> Examine(absl::string_view bytes);

  // The same pixels as DecodeImage() gives. REQUIRES: not header_only.
  absl::StatusOr<Image> Decode(absl::string_view bytes);

 private:
  struct Job;

  explicit ImageSandbox(const ImageSandboxOptions& options);

  absl::Status TestDecoders();
  absl::StatusOr<ImageProbe> Judge(absl::string_view bytes) const;
  absl::StatusOr<DecodedImage> Run(const DecoderRequest& request);
  void Keep();

  const DecodeLimits limits_;
  const DecoderBudget budget_;
  BoundedQueue<Job*> jobs_;
  std::vector<std::thread> keepers_;  // Each has one decoder.
};

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_IMAGE_SANDBOX_H_
