#include "tests/gallery/drawing/art_style.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace verso {

absl::Span<const ArtStyle> ArtStyles() {
  // Palette: dark, shadow, middle, light, accent, sky.
  static const auto* const styles = new std::vector<ArtStyle>{
      {"art_nouveau",
       "art nouveau",
       {{{52, 44, 40},
         {96, 84, 58},
         {150, 146, 92},
         {232, 216, 168},
         {188, 92, 60},
         {206, 204, 168}}},
       0.030f,
       6,
       0.25f,
       5},
      {"baroque",
       "baroque",
       {{{24, 18, 14},
         {62, 42, 26},
         {122, 84, 50},
         {220, 186, 140},
         {140, 40, 30},
         {58, 48, 40}}},
       0.028f,
       5,
       0.35f,
       7},
      {"expressionism",
       "expressionism",
       {{{26, 28, 52},
         {40, 84, 96},
         {196, 92, 44},
         {240, 206, 90},
         {190, 34, 44},
         {74, 112, 150}}},
       0.055f,
       26,
       0.85f,
       8},
      {"impressionism",
       "impressionism",
       {{{54, 62, 92},
         {84, 112, 112},
         {136, 158, 112},
         {240, 226, 190},
         {214, 130, 110},
         {166, 194, 216}}},
       0.040f,
       20,
       0.8f,
       7},
      {"post_impressionism",
       "post-impressionism",
       {{{38, 50, 84},
         {62, 104, 84},
         {178, 146, 60},
         {242, 216, 120},
         {208, 96, 44},
         {104, 152, 190}}},
       0.050f,
       22,
       0.9f,
       8},
      {"realism",
       "realism",
       {{{38, 34, 30},
         {84, 74, 58},
         {134, 120, 88},
         {214, 202, 176},
         {128, 70, 52},
         {170, 182, 186}}},
       0.026f,
       6,
       0.35f,
       6},
      {"renaissance",
       "renaissance",
       {{{42, 32, 26},
         {84, 66, 44},
         {138, 112, 70},
         {228, 196, 150},
         {162, 48, 44},
         {110, 140, 152}}},
       0.026f,
       4,
       0.25f,
       5},
      {"romanticism",
       "romanticism",
       {{{34, 28, 26},
         {74, 62, 46},
         {142, 106, 62},
         {236, 208, 150},
         {176, 84, 46},
         {138, 144, 142}}},
       0.032f,
       9,
       0.45f,
       7},
      {"surrealism",
       "surrealism",
       {{{30, 34, 40},
         {98, 72, 52},
         {176, 140, 92},
         {238, 220, 186},
         {196, 60, 50},
         {96, 146, 176}}},
       0.028f,
       7,
       0.3f,
       5},
      {"ukiyo_e",
       "ukiyo-e",
       {{{36, 44, 64},
         {72, 94, 112},
         {166, 150, 110},
         {234, 220, 184},
         {188, 74, 54},
         {172, 190, 186}}},
       0.030f,
       4,
       0.15f,
       9},
  };
  return *styles;
}

const ArtStyle* FindArtStyle(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  const ArtStyle* found = nullptr;
  for (const ArtStyle& style : ArtStyles()) {
    if (!absl::StrContains(lower, style.name) &&
        !absl::StrContains(lower, style.words)) {
      continue;
    }
    if (found == nullptr || style.name.size() > found->name.size()) {
      found = &style;
    }
  }
  return found;
}

}  // namespace verso
