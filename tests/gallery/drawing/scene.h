#ifndef VERSO_TESTS_GALLERY_DRAWING_SCENE_H_
#define VERSO_TESTS_GALLERY_DRAWING_SCENE_H_

#include <optional>
#include <vector>

#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/random.h"

namespace verso {

// A shaded form. Coordinates are shares of the picture: x to the right and y
// down, both 0..1.
struct Form {
  enum class Kind { kEllipse, kBox, kGround };
  Kind kind = Kind::kEllipse;
  float x = 0.5f, y = 0.5f;  // Centre; kGround: y of its upper edge.
  float half_width = 0.1f, half_height = 0.1f;  // Unused by kGround.
  float cosine = 1, sine = 0;  // Of its angle; unused by kGround.
  float hills = 0, frequency = 1, phase = 0;  // Of the edge of a kGround.
  Rgb lit, shaded;
};

// What is to be seen in a picture, before anybody paints or generates it.
struct Scene {
  Rgb top, bottom;  // Of the background.
  float flow = 0;   // Direction of the strokes in the background, radians.
  float light_x = 0, light_y = -1;  // Towards the light.
  std::vector<Form> forms;          // Later ones cover earlier ones.
};

// The colour of a point, and the direction in which a painter would stroke.
struct ScenePoint {
  Rgb color;
  float angle = 0;  // Radians.
};

// A landscape, a portrait, a still life or free forms in the style's colours.
Scene ComposeScene(const ArtStyle& style, Random& random);

ScenePoint LookAt(const Scene& scene, float x, float y);

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_DRAWING_SCENE_H_
