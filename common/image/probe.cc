#include "common/image/probe.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/claims/a1111_parameters.h"
#include "common/claims/claim_values.h"
#include "common/claims/digital_source_type.h"
#include "common/claims/generation_json.h"
#include "common/image/format_probes.h"
#include "common/image/text.h"

namespace verso {
namespace {

struct Magic {
  absl::string_view bytes;
  absl::string_view name;
};

// What sites send in place of an image, and images that we do not take.
constexpr Magic kOthers[] = {
    {"BM", "a BMP image"},
    {absl::string_view("II*\0", 4), "a TIFF image"},
    {absl::string_view("MM\0*", 4), "a TIFF image"},
    {"%PDF", "a PDF document"},
    {"PK\3\4", "a zip archive"},
    {"\x1f\x8b", "gzip data"},
    {"8BPS", "a Photoshop document"},
    {"\xff\x0a", "a JPEG XL image"},
    {absl::string_view("\0\0\0\x0cJXL ", 8), "a JPEG XL image"},
    {absl::string_view("\0\0\0\x0cjP  ", 8), "a JPEG 2000 image"},
    {"<?xml", "XML or SVG text"},
    {"<svg", "an SVG drawing"},
    {"<", "an HTML page"},
    {"{", "JSON text"},
    {"[", "JSON text"},
};

bool IsWebp(absl::string_view bytes) {
  return absl::StartsWith(bytes, "RIFF") && bytes.substr(0, 12).size() == 12 &&
         bytes.substr(8, 4) == "WEBP";
}

std::string LooksLike(absl::string_view bytes) {
  if (bytes.empty()) return "nothing (0 bytes)";
  const absl::string_view head = bytes.substr(0, 64);
  if (head.substr(0, 8).size() == 8 && head.substr(4, 4) == "ftyp") {
    return "an AVIF, HEIF or video file";
  }
  for (const Magic& other : kOthers) {
    if (absl::StartsWith(head, other.bytes)) return std::string(other.name);
  }
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(head);
  if (absl::StartsWith(text, "<")) return "an HTML page";
  if (absl::StartsWith(text, "{")) return "JSON text";
  return absl::StrCat("data that starts with hex ",
                      absl::BytesToHexString(bytes.substr(0, 8)));
}

absl::StatusOr<ImageProbe> ProbeByFormat(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\xff\xd8\xff")) return ProbeJpeg(bytes);
  if (absl::StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return ProbePng(bytes);
  if (IsWebp(bytes)) return ProbeWebp(bytes);
  if (absl::StartsWith(bytes, "GIF87a") || absl::StartsWith(bytes, "GIF89a")) {
    return ProbeGif(bytes);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "not a JPEG, PNG, WebP or GIF image but ", LooksLike(bytes)));
}

// So that no file can make a record's provenance larger than a store takes.
void BoundTexts(ImageProbe& probe) {
  EmbeddedClaims& claims = probe.claims;
  for (std::string* text :
       {&probe.color_profile, claims.mutable_software(),
        claims.mutable_camera(), claims.mutable_original_date(),
        claims.mutable_digital_source_type()}) {
    *text = CutText(*text, kMaxClaimBytes);
  }
}

}  // namespace

absl::StatusOr<ImageProbe> ProbeImage(absl::string_view bytes) {
  absl::StatusOr<ImageProbe> probe = ProbeByFormat(bytes);
  if (probe.ok()) BoundTexts(*probe);
  return probe;
}

void TakeExif(const ExifData& exif, ImageProbe& probe) {
  EmbeddedClaims& claims = probe.claims;
  probe.orientation = exif.orientation;
  if (!exif.software.empty()) claims.set_software(exif.software);
  if (!exif.original_date.empty()) claims.set_original_date(exif.original_date);
  TakeGenerationText(exif.user_comment, probe);
  // ComfyUI writes its graphs in the place of a camera's name.
  absl::string_view model = exif.model, make = exif.make;
  const bool is_graph = (absl::ConsumePrefix(&model, "prompt:") &&
                         TakeGenerationText(model, probe)) |
                        (absl::ConsumePrefix(&make, "workflow:") &&
                         TakeGenerationText(make, probe));
  if (is_graph || absl::StartsWith(model, "{")) return;
  const bool model_names_make = absl::StartsWith(exif.model, exif.make);
  const std::string camera =
      model_names_make ? exif.model : absl::StrCat(exif.make, " ", exif.model);
  if (!camera.empty()) claims.set_camera(camera);
}

void TakeXmp(absl::string_view xmp, ImageProbe& probe) {
  const std::string type = XmpDigitalSourceType(xmp);
  if (!type.empty()) probe.claims.set_digital_source_type(type);
}

bool TakeGenerationText(absl::string_view text, ImageProbe& probe) {
  EmbeddedClaims& claims = probe.claims;
  if (!claims.parameters_format().empty() ||
      !(TakeA1111Parameters(text, claims) ||
        TakeGenerationJson(text, claims))) {
    return false;
  }
  claims.set_generation_parameters(CleanText(text));
  return true;
}

void TakeC2pa(absl::string_view manifest, ImageProbe& probe) {
  probe.claims.set_c2pa_present(true);
  const std::string type = FindDigitalSourceType(manifest);
  if (!type.empty()) probe.claims.set_c2pa_source_type(type);
}

absl::Status CutOff(absl::string_view format) {
  return absl::DataLossError(absl::StrCat(
      "the ", format, " file is cut off inside its headers; fetch it again"));
}

absl::Status Broken(absl::string_view format, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the ", format, " file is broken: ", what));
}

}  // namespace verso
