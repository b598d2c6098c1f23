#ifndef VERSO_TESTS_GALLERY_SIMULATED_ITEMS_H_
#define VERSO_TESTS_GALLERY_SIMULATED_ITEMS_H_

#include <cstdint>
#include <vector>

#include "tests/gallery/gallery.h"

namespace verso {

// What the sites list when pictures are drawn by program: artists, titles and
// prompts are made up. All depend on `seed` and `count` alone.

// Both sides of the paintings that details are cut from, pixels.
inline constexpr int kDetailedSide = 640;

// `count` paintings, every tenth a detail of the one before it; then a few
// sculptures (a client wants paintings).
std::vector<GalleryItem> SimulatedWga(uint64_t seed, int count);

// `count` pictures, as many of each of the ten styles as of the others (+-1).
std::vector<GalleryItem> SimulatedArtbench(uint64_t seed, int count);

// `count` pictures, some of one prompt; then a grid and an nsfw one per 40. The
// prompts name the ten styles in turn.
std::vector<GalleryItem> SimulatedLexica(uint64_t seed, int count);

// `count` pictures, some in entries of two; every fifth has no prompt.
std::vector<GalleryItem> SimulatedDalle(uint64_t seed, int count);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SIMULATED_ITEMS_H_
