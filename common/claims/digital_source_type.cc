#include "common/claims/digital_source_type.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace verso {
namespace {

constexpr absl::string_view kIptc =
    "://cv.iptc.org/newscodes/digitalsourcetype/";
constexpr absl::string_view kC2pa = "://c2pa.org/digitalsourcetype/";

// The words of IPTC's definitions decide: human where a person made or captured
// what is seen, generated where a program did, mixed where both certainly did.
// Unknown are screens, composites of "any" elements and enhancements, which do
// not say of what.
constexpr std::pair<absl::string_view, Label> kCodes[] = {
    {"digitalCapture", LABEL_HUMAN},
    {"computationalCapture", LABEL_HUMAN},
    {"negativeFilm", LABEL_HUMAN},
    {"positiveFilm", LABEL_HUMAN},
    {"print", LABEL_HUMAN},
    {"minorHumanEdits", LABEL_HUMAN},  // Retired.
    {"humanEdits", LABEL_HUMAN},
    {"compositeCapture", LABEL_HUMAN},
    {"digitalArt", LABEL_HUMAN},  // Retired.
    {"digitalCreation", LABEL_HUMAN},
    {"dataDrivenMedia", LABEL_HUMAN},
    {"trainedAlgorithmicMedia", LABEL_GENERATED},
    {"algorithmicMedia", LABEL_GENERATED},
    {"trainedAlgorithmicData", LABEL_GENERATED},  // C2PA's.
    {"compositeSynthetic", LABEL_MIXED},
    {"compositeWithTrainedAlgorithmicMedia", LABEL_MIXED},
    {"algorithmicallyEnhanced", LABEL_UNKNOWN},
    {"softwareImage", LABEL_UNKNOWN},  // Retired.
    {"screenCapture", LABEL_UNKNOWN},
    {"virtualRecording", LABEL_UNKNOWN},
    {"composite", LABEL_UNKNOWN},
    {"empty", LABEL_UNKNOWN},  // C2PA's: not specified.
};

// Larger tells more of generation.
int Weight(Label label) {
  return label == LABEL_GENERATED ? 2 : label == LABEL_MIXED ? 1 : 0;
}

}  // namespace

absl::string_view CodeOfDigitalSourceType(absl::string_view type) {
  absl::string_view code = type;
  if (!absl::ConsumePrefix(&code, "https")) absl::ConsumePrefix(&code, "http");
  if (absl::ConsumePrefix(&code, kIptc) || absl::ConsumePrefix(&code, kC2pa)) {
    return code;
  }
  return type;
}

Label LabelOfDigitalSourceType(absl::string_view type) {
  const absl::string_view code = CodeOfDigitalSourceType(type);
  for (const auto& [known, label] : kCodes) {
    if (code == known) return label;
  }
  return LABEL_UNKNOWN;
}

std::string FindDigitalSourceType(absl::string_view manifest) {
  constexpr size_t kMaxCodeBytes = 64;
  std::string best;
  for (const absl::string_view scheme : {kIptc, kC2pa}) {
    for (size_t at = manifest.find(scheme); at != absl::string_view::npos;
         at = manifest.find(scheme, at + 1)) {
      const absl::string_view rest =
          manifest.substr(at + scheme.size(), kMaxCodeBytes);
      const auto end = std::find_if_not(
          rest.begin(), rest.end(),
          [](unsigned char c) { return absl::ascii_isalpha(c); });
      const absl::string_view code = rest.substr(0, end - rest.begin());
      std::string type = absl::StrCat("http", scheme, code);
      if (!code.empty() &&
          (best.empty() || Weight(LabelOfDigitalSourceType(type)) >
                               Weight(LabelOfDigitalSourceType(best)))) {
        best = std::move(type);
      }
    }
  }
  return best;
}

}  // namespace verso
