#ifndef VERSO_SHARDSTORE_PREPARATION_H_
#define VERSO_SHARDSTORE_PREPARATION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/dataset.pb.h"

namespace verso {

// Part of a snapshot's id: raise it whenever PrepareImage() gives other bytes
// for the same input.
inline constexpr int32_t kPreparationVersion = 1;

struct PreparedImage {
  std::string jpeg;  // 4:4:4.
  int width = 0;     // Pixels.
  int height = 0;    // Pixels.
  double scale = 1;  // Prepared side / side of the same part of the original.
};

// Whether a picture with this short side, in pixels, can be prepared; 0 (not
// known) says yes.
bool FitsPreparation(int short_side, const Preparation& preparation);

// Decodes, crops or resizes as `preparation` says, and encodes as JPEG.
// kFailedPrecondition: smaller than a NATIVE_CROP asks; never enlarged.
// Otherwise the status of DecodeImage(): the picture is broken.
// REQUIRES: `preparation` is valid and normalized (recipe.h).
absl::StatusOr<PreparedImage> PrepareImage(absl::string_view bytes,
                                           const Preparation& preparation);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_PREPARATION_H_
