#ifndef VERSO_COMMON_IMAGE_FORMAT_PROBES_H_
#define VERSO_COMMON_IMAGE_FORMAT_PROBES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/metadata.h"
#include "common/image/probe.h"

namespace verso {

// One function per format, of ProbeImage(). `bytes` starts with the format's
// magic bytes. kDataLoss: cut off, or broken in its headers.
absl::StatusOr<ImageProbe> ProbeJpeg(absl::string_view bytes);
absl::StatusOr<ImageProbe> ProbePng(absl::string_view bytes);
absl::StatusOr<ImageProbe> ProbeWebp(absl::string_view bytes);
absl::StatusOr<ImageProbe> ProbeGif(absl::string_view bytes);

// Copies what an EXIF block or an XMP packet says into `probe`.
void TakeExif(const ExifData& exif, ImageProbe& probe);
void TakeXmp(absl::string_view xmp, ImageProbe& probe);

// A text that may hold the parameters of a generator; true, and they are taken,
// if it does and no other text did before.
bool TakeGenerationText(absl::string_view text, ImageProbe& probe);

// A C2PA manifest store or a part of it.
void TakeC2pa(absl::string_view manifest, ImageProbe& probe);

// "the JPEG file ends inside its headers; fetch it again", kDataLoss.
absl::Status CutOff(absl::string_view format);

// "the PNG file is broken: <what>", kDataLoss.
absl::Status Broken(absl::string_view format, absl::string_view what);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_FORMAT_PROBES_H_
