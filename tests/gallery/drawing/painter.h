#ifndef VERSO_TESTS_GALLERY_DRAWING_PAINTER_H_
#define VERSO_TESTS_GALLERY_DRAWING_PAINTER_H_

#include "common/image/image.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/drawing/scene.h"

namespace verso {

// Paints a scene: an underpainting, then layers of ever finer brush strokes
// with bristle marks, where the finer ones go only to what still differs from
// the scene. Thread-safe. REQUIRES: both sides at least 16.
Image PaintScene(const Scene& scene, const ArtStyle& style, int width,
                 int height, Random& random);

// Adds what a photograph of a canvas has: its weave, light that falls off, and
// the camera's noise. Thread-safe.
void AddCanvas(const ArtStyle& style, Random& random, Image& image);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_PAINTER_H_
