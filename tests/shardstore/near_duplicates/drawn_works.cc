#include "tests/shardstore/near_duplicates/drawn_works.h"

#include <algorithm>

#include "absl/types/span.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/painter.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/drawing/scene.h"

namespace verso::testing {
namespace {

Image Paint(const Scene& scene, const ArtStyle& style, int width, int height,
            uint64_t seed) {
  Random random(seed);
  Image image = PaintScene(scene, style, width, height, random);
  AddCanvas(style, random, image);
  return image;
}

// Another painting of the same motif by the same hand.
Scene Varied(const Scene& scene, Random& random) {
  Scene varied = scene;
  for (Form& form : varied.forms) {
    form.x += random.Uniform(-0.06f, 0.06f);
    form.y += random.Uniform(-0.06f, 0.06f);
    form.half_width *= random.Uniform(0.85f, 1.15f);
    form.half_height *= random.Uniform(0.85f, 1.15f);
    form.phase += random.Uniform(-0.8f, 0.8f);
  }
  varied.flow += random.Uniform(-0.3f, 0.3f);
  return varied;
}

// What is drawn before the first stroke.
struct Sketch {
  const ArtStyle* style;
  int width, height;
  Scene scene;
  uint64_t strokes;  // A seed.
};

Sketch MakeSketch(Random& random) {
  const absl::Span<const ArtStyle> styles = ArtStyles();
  Sketch sketch;
  sketch.style = &styles[random.Below(static_cast<int>(styles.size()))];
  const int longer = 320 + random.Below(129);
  const int shorter = static_cast<int>(longer * random.Uniform(0.65f, 1));
  const bool is_wide = random.Chance(0.5f);
  sketch.width = is_wide ? longer : shorter;
  sketch.height = is_wide ? shorter : longer;
  sketch.scene = ComposeScene(*sketch.style, random);
  sketch.strokes = random.Next();
  return sketch;
}

Image Painted(const Sketch& sketch, const Scene& scene, uint64_t strokes) {
  return Paint(scene, *sketch.style, sketch.width, sketch.height, strokes);
}

Random RandomOf(uint64_t seed) {
  return Random(SeedFor(seed, "near duplicates"));
}

}  // namespace

DrawnWork DrawWork(uint64_t seed) {
  Random random = RandomOf(seed);
  const Sketch sketch = MakeSketch(random);
  const Scene varied = Varied(sketch.scene, random);
  const Scene other = ComposeScene(*sketch.style, random);
  return {Painted(sketch, sketch.scene, sketch.strokes),
          Painted(sketch, sketch.scene, random.Next()),
          Painted(sketch, varied, random.Next()),
          Painted(sketch, other, random.Next())};
}

Image DrawPicture(uint64_t seed) {
  Random random = RandomOf(seed);
  const Sketch sketch = MakeSketch(random);
  return Painted(sketch, sketch.scene, sketch.strokes);
}

}  // namespace verso::testing
