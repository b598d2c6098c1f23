#ifndef VERSO_TESTS_GALLERY_DRAWING_ART_STYLE_H_
#define VERSO_TESTS_GALLERY_DRAWING_ART_STYLE_H_

#include <array>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace verso {

struct Rgb {
  float r = 0, g = 0, b = 0;  // 0..255.
};

inline Rgb Mix(const Rgb& a, const Rgb& b, float share_of_b) {
  return {a.r + (b.r - a.r) * share_of_b, a.g + (b.g - a.g) * share_of_b,
          a.b + (b.b - a.b) * share_of_b};
}

// What the colours of a palette are for.
enum PaletteColor {
  kDark,
  kShadow,
  kMiddle,
  kLight,
  kAccent,
  kSky,
  kNumColors
};

// How pictures of one of ArtBench's ten styles are painted here.
struct ArtStyle {
  std::string name;   // "post_impressionism"
  std::string words;  // "post-impressionism", as prompts have it.
  std::array<Rgb, kNumColors> palette;
  float finest_stroke;  // Length as a share of the picture's longer side.
  float color_jitter;   // From stroke to stroke, 0..255.
  float impasto;        // How much the bristles show, 0..1.
  float canvas;         // How much the canvas shows, 0..255.
};

// All ten, by name.
absl::Span<const ArtStyle> ArtStyles();

// The style whose name or words occur in `text`, the longest one if several
// do ("post-impressionism"); nullptr: none does.
const ArtStyle* FindArtStyle(absl::string_view text);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_ART_STYLE_H_
