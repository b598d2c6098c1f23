#ifndef VERSO_COMMON_IMAGE_VIPS_RUNTIME_H_
#define VERSO_COMMON_IMAGE_VIPS_RUNTIME_H_

#include <vips/vips.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace verso {

struct VipsUnref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using VipsImagePtr = std::unique_ptr<VipsImage, VipsUnref>;

// Starts libvips on first use (one thread per image, no cache, no log lines
// about bad images) and tidies up after each thread that used it. Call before
// any other vips function. Thread-safe.
void UseVips();

// The first line of what libvips says went wrong, and forgets the rest. The
// text is shared by all threads: it may name another thread's failure.
std::string TakeVipsError();

// Refers to the pixels of `image`, which must outlive the result.
// kInvalidArgument: its size does not fit its pixels.
absl::StatusOr<VipsImagePtr> WrapForVips(const Image& image);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_VIPS_RUNTIME_H_
