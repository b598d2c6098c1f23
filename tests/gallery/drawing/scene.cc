#include "tests/gallery/drawing/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace verso {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

// Draws the forms of one scene.
class Composer {
 public:
  Composer(const ArtStyle& style, Random& random)
      : style_(style), random_(random) {
    const float light = random_.Uniform(-kPi, 0);
    scene_.light_x = std::cos(light);
    scene_.light_y = std::sin(light);
    scene_.flow = random_.Uniform(-0.5f, 0.5f);
  }

  Scene Landscape() {
    Background(Vary(kSky), Mix(Vary(kSky), Vary(kLight), 0.7f));
    if (random_.Chance(0.5f)) {
      const float size = random_.Uniform(0.03f, 0.08f);
      Ellipse(random_.Uniform(0.1f, 0.9f), random_.Uniform(0.1f, 0.35f), size,
              size, Vary(kLight), Vary(kAccent));
    }
    float y = random_.Uniform(0.3f, 0.5f);
    const int grounds = 2 + random_.Below(3);
    for (int i = 0; i < grounds; ++i) {
      const float near = static_cast<float>(i + 1) / grounds;
      Ground(y, near);
      const int trees = random_.Below(4);
      for (int k = 0; k < trees; ++k) Tree(y, near);
      if (random_.Chance(0.3f)) House(y, near);
      y += random_.Uniform(0.1f, 0.22f);
    }
    return scene_;
  }

  Scene Portrait() {
    Background(Mix(Vary(kShadow), Vary(kSky), 0.4f), Vary(kDark));
    const float x = random_.Uniform(0.4f, 0.6f);
    const float y = random_.Uniform(0.3f, 0.42f);
    const float size = random_.Uniform(0.11f, 0.18f);
    const Rgb skin = Mix(Vary(kLight), Vary(kAccent), 0.15f);
    const Rgb shade = Mix(skin, Vary(kShadow), 0.6f);
    const Rgb hair = Vary(random_.Chance(0.7f) ? kDark : kMiddle);
    Ellipse(x, 1.05f, 3 * size, 3.2f * size,
            Vary(random_.Chance(0.5f) ? kAccent : kMiddle), Vary(kDark));
    Ellipse(x, y - 0.1f * size, 1.25f * size, 1.5f * size, hair, Vary(kDark));
    Box(x, y + 1.4f * size, 0.45f * size, 0.6f * size, 0, skin, shade);
    Ellipse(x, y, size, 1.35f * size, skin, shade);
    for (const float side : {-0.4f, 0.4f}) {
      Ellipse(x + side * size, y - 0.15f * size, 0.14f * size, 0.1f * size,
              Vary(kDark), Vary(kDark));
    }
    Ellipse(x, y + 0.75f * size, 0.3f * size, 0.1f * size, Vary(kAccent),
            Vary(kShadow));
    return scene_;
  }

  Scene StillLife() {
    Background(Vary(kShadow), Mix(Vary(kMiddle), Vary(kDark), 0.5f));
    const float table = random_.Uniform(0.55f, 0.7f);
    Box(0.5f, 1, 0.8f, 1 - table, random_.Uniform(-0.05f, 0.05f),
        Vary(random_.Chance(0.5f) ? kLight : kMiddle), Vary(kShadow));
    const int things = 3 + random_.Below(5);
    for (int i = 0; i < things; ++i) {
      const float size = random_.Uniform(0.05f, 0.13f);
      const float x = random_.Uniform(0.12f, 0.88f);
      const float y = table + random_.Uniform(-0.02f, 0.18f);
      const Rgb color = Vary(random_.Chance(0.5f) ? kAccent : kMiddle);
      if (random_.Chance(0.3f)) {  // A bottle.
        Box(x, y - 2 * size, 0.6f * size, 2 * size, 0, color, Vary(kDark));
        Box(x, y - 4.4f * size, 0.2f * size, 0.6f * size, 0, color,
            Vary(kDark));
      } else {
        Ellipse(x, y, size, size * random_.Uniform(0.7f, 1.1f), color,
                Vary(kDark));
      }
    }
    return scene_;
  }

  Scene FreeForms() {
    Background(Vary(kSky), Vary(kMiddle));
    const int forms = 6 + random_.Below(10);
    for (int i = 0; i < forms; ++i) {
      const Rgb lit = Vary(AnyColor());
      const Rgb shaded = Mix(lit, Vary(kDark), 0.6f);
      const float x = random_.Uniform();
      const float y = random_.Uniform();
      const float w = random_.Uniform(0.04f, 0.25f);
      const float h = random_.Uniform(0.04f, 0.25f);
      if (random_.Chance(0.6f)) {
        Ellipse(x, y, w, h, lit, shaded);
      } else {
        Box(x, y, w, h, random_.Uniform(0, kPi), lit, shaded);
      }
    }
    return scene_;
  }

 private:
  int AnyColor() { return random_.Below(kNumColors); }

  Rgb Vary(int color) {
    const Rgb& base = style_.palette[color];
    const float tone = random_.Uniform(-14, 14);
    return {base.r + tone + random_.Uniform(-10, 10),
            base.g + tone + random_.Uniform(-10, 10),
            base.b + tone + random_.Uniform(-10, 10)};
  }

  void Background(const Rgb& top, const Rgb& bottom) {
    scene_.top = top;
    scene_.bottom = bottom;
  }

  void Ellipse(float x, float y, float half_width, float half_height,
               const Rgb& lit, const Rgb& shaded) {
    scene_.forms.push_back({.kind = Form::Kind::kEllipse,
                            .x = x,
                            .y = y,
                            .half_width = half_width,
                            .half_height = half_height,
                            .lit = lit,
                            .shaded = shaded});
  }

  void Box(float x, float y, float half_width, float half_height, float angle,
           const Rgb& lit, const Rgb& shaded) {
    scene_.forms.push_back({.kind = Form::Kind::kBox,
                            .x = x,
                            .y = y,
                            .half_width = half_width,
                            .half_height = half_height,
                            .cosine = std::cos(angle),
                            .sine = std::sin(angle),
                            .lit = lit,
                            .shaded = shaded});
  }

  void Ground(float y, float near) {
    const Rgb lit = Mix(Vary(kSky), Vary(kMiddle), 0.3f + 0.7f * near);
    scene_.forms.push_back({.kind = Form::Kind::kGround,
                            .y = y,
                            .hills = random_.Uniform(0.005f, 0.08f),
                            .frequency = random_.Uniform(2, 14),
                            .phase = random_.Uniform(0, 2 * kPi),
                            .lit = lit,
                            .shaded = Mix(lit, Vary(kShadow), 0.8f)});
  }

  void Tree(float ground, float near) {
    const float size = near * random_.Uniform(0.04f, 0.13f);
    const float x = random_.Uniform(0.02f, 0.98f);
    Box(x, ground - 0.3f * size, 0.12f * size, size, 0, Vary(kShadow),
        Vary(kDark));
    Ellipse(x, ground - 1.6f * size, random_.Uniform(0.5f, 0.9f) * size, size,
            Vary(random_.Chance(0.2f) ? kAccent : kMiddle), Vary(kDark));
  }

  void House(float ground, float near) {
    const float size = near * random_.Uniform(0.05f, 0.1f);
    const float x = random_.Uniform(0.15f, 0.85f);
    Box(x, ground, size, 0.7f * size, 0, Vary(kLight), Vary(kMiddle));
    Box(x, ground - 0.75f * size, 0.75f * size, 0.35f * size, 0, Vary(kAccent),
        Vary(kShadow));
    Box(x, ground + 0.2f * size, 0.15f * size, 0.3f * size, 0, Vary(kDark),
        Vary(kDark));
  }

  const ArtStyle& style_;
  Random& random_;
  Scene scene_;
};

// The point of a form, or nothing where the form is not.
std::optional<ScenePoint> GroundAt(const Form& form, float x, float y) {
  const float wave = form.frequency * x + form.phase;
  const float edge = form.y + form.hills * std::sin(wave);
  if (y < edge) return std::nullopt;
  const float depth = std::min(1.0f, 4 * (y - edge));
  return ScenePoint{Mix(form.lit, form.shaded, depth),
                    std::atan(form.hills * form.frequency * std::cos(wave))};
}

std::optional<ScenePoint> SolidAt(const Scene& scene, const Form& form, float x,
                                  float y) {
  const float c = form.cosine;
  const float s = form.sine;
  const float u = ((x - form.x) * c + (y - form.y) * s) / form.half_width;
  const float v = ((y - form.y) * c - (x - form.x) * s) / form.half_height;
  const bool ellipse = form.kind == Form::Kind::kEllipse;
  const bool inside =
      ellipse ? u * u + v * v < 1 : std::abs(u) < 1 && std::abs(v) < 1;
  if (!inside) return std::nullopt;
  const float lit = 0.5f + 0.5f * (u * scene.light_x + v * scene.light_y);
  const float angle = ellipse ? std::atan2(v, u) + kPi / 2 : std::atan2(s, c);
  return ScenePoint{Mix(form.shaded, form.lit, std::clamp(lit, 0.0f, 1.0f)),
                    angle};
}

}  // namespace

Scene ComposeScene(const ArtStyle& style, Random& random) {
  Composer composer(style, random);
  switch (random.Below(5)) {
    case 0:
      return composer.Portrait();
    case 1:
      return composer.StillLife();
    case 2:
      return composer.FreeForms();
    default:
      return composer.Landscape();
  }
}

ScenePoint LookAt(const Scene& scene, float x, float y) {
  for (auto form = scene.forms.rbegin(); form != scene.forms.rend(); ++form) {
    const std::optional<ScenePoint> point = form->kind == Form::Kind::kGround
                                                ? GroundAt(*form, x, y)
                                                : SolidAt(scene, *form, x, y);
    if (point) return *point;
  }
  return {Mix(scene.top, scene.bottom, std::clamp(y, 0.0f, 1.0f)),
          scene.flow + 0.8f * std::sin(5 * x + 3 * y)};
}

}  // namespace verso
