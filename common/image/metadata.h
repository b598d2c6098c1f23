#ifndef VERSO_COMMON_IMAGE_METADATA_H_
#define VERSO_COMMON_IMAGE_METADATA_H_

#include <string>

#include "absl/strings/string_view.h"

namespace verso {

// The blocks that image files of every format embed. All functions take
// hostile bytes, read what they can and leave the rest.

struct ExifData {
  int orientation = 1;        // 1..8, as in EXIF tag 0x0112.
  std::string software;       // Tag 0x0131.
  std::string make;           // Tag 0x010f.
  std::string model;          // Tag 0x0110.
  std::string original_date;  // Tag 0x9003: "2019:05:01 12:00:00".
  std::string user_comment;   // Tag 0x9286: UNICODE or ASCII.
};

// `tiff` starts at the byte order mark ("II" or "MM"); the "Exif\0\0" that
// JPEG puts before it is skipped when it is there.
ExifData ParseExif(absl::string_view tiff);

// The IPTC digital source type of an XMP packet, as attribute or as element: a
// URI, or a code that is known. Empty: none.
std::string XmpDigitalSourceType(absl::string_view xmp);

// The description of an ICC profile, "unnamed" when it has none.
std::string IccDescription(absl::string_view profile);

// Whether a profile of this description needs no conversion. The near-identity
// transform of an sRGB profile would leave rounding traces on just those files
// whose programs embed one.
bool IsSrgbDescription(absl::string_view description);

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_METADATA_H_
