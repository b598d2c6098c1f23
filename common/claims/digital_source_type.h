#ifndef VERSO_COMMON_CLAIMS_DIGITAL_SOURCE_TYPE_H_
#define VERSO_COMMON_CLAIMS_DIGITAL_SOURCE_TYPE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "proto/provenance.pb.h"

namespace verso {

// What a digital source type says of a picture. `type`: a URI of IPTC's
// vocabulary (cv.iptc.org/newscodes/digitalsourcetype, release 2024-10-23, its
// retired codes too) or of C2PA's (c2pa.org/digitalsourcetype), by http or
// https, or the code alone. LABEL_UNKNOWN: another one, or one that says
// nothing of who made the picture.
Label LabelOfDigitalSourceType(absl::string_view type);

// "trainedAlgorithmicMedia" of its URI; a code stays as it is.
absl::string_view CodeOfDigitalSourceType(absl::string_view type);

// The URI of a digital source type that stands anywhere in the bytes of a C2PA
// manifest; of several, one that says "generated", else "mixed", else the
// first. Empty: none. The manifest is neither parsed nor verified.
std::string FindDigitalSourceType(absl::string_view manifest);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_DIGITAL_SOURCE_TYPE_H_
