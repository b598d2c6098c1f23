#include "tests/gallery/simulated_gallery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/image/encode.h"
#include "common/image/jpeg.h"
#include "common/image/resize.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/painter.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/drawing/scene.h"
#include "tests/gallery/simulated_items.h"

namespace verso {
namespace {

constexpr char kModel[] = "verso-simulated-v1";
constexpr uint64_t kStableDiffusionFamily = 1;
constexpr uint64_t kDalleFamily = 2;

const ArtStyle& StyleOf(absl::string_view text, uint64_t seed) {
  const ArtStyle* style = FindArtStyle(text);
  return style != nullptr ? *style : ArtStyles()[seed % ArtStyles().size()];
}

// A picture of `network` for a scene that depends on (style, seed).
Image DrawGenerated(const UpsamplingNetwork& network, const ArtStyle& style,
                    uint64_t seed, int width, int height) {
  Random random(seed);
  const Scene scene = ComposeScene(style, random);
  const Image guide = PaintScene(scene, style, width / 2, height / 2, random);
  return network.Decode(guide, random.Next());
}

// Photographs of museums come in many qualities.
absl::StatusOr<std::string> EncodeVariedJpeg(const Image& image,
                                             uint64_t seed) {
  Random random(seed);
  const int quality = 75 + random.Below(21);
  return EncodeJpeg(
      image, quality,
      random.Chance(0.5f) ? ChromaSubsampling::k420 : ChromaSubsampling::k444);
}

void Paste(const Image& part, int left, int top, Image& whole) {
  for (int y = 0; y < part.height; ++y) {
    const auto row =
        part.rgb.begin() + static_cast<int64_t>(y) * part.width * 3;
    std::copy_n(row, part.width * 3,
                whole.rgb.begin() +
                    (static_cast<int64_t>(top + y) * whole.width + left) * 3);
  }
}

// What image to image keeps of the picture that it starts from: the less, the
// stronger it is.
absl::StatusOr<Image> GuideOf(const GenerateRequest& request) {
  const double kept = 1 - 0.8 * request.denoising_strength;
  const auto part = [&](int side) {
    return std::max(1, static_cast<int>(kept * side / 2));
  };
  ASSIGN_OR_RETURN(
      const Image coarse,
      Resize(*request.init, part(request.width), part(request.height)));
  return Resize(coarse, request.width / 2, request.height / 2);
}

}  // namespace

SimulatedGallery::SimulatedGallery(const SimulatedGalleryOptions& options)
    : options_(options),
      stable_diffusion_(kStableDiffusionFamily,
                        Upsampling::kNearestThenConvolution),
      dalle_(kDalleFamily, Upsampling::kTransposedConvolution),
      items_{SimulatedWga(options.seed, options.wga),
             SimulatedArtbench(options.seed, options.artbench),
             SimulatedLexica(options.seed, options.lexica),
             SimulatedDalle(options.seed, options.dalle),
             {}} {}

const std::vector<GalleryItem>& SimulatedGallery::items(Site site) const {
  return items_[static_cast<size_t>(site)];
}

absl::StatusOr<Image> SimulatedGallery::Draw(Site site, size_t index) const {
  const GalleryItem& item = items(site)[index];
  if (site == Site::kWga || site == Site::kArtbench) return DrawPainted(item);
  const UpsamplingNetwork& network =
      site == Site::kDalle ? dalle_ : stable_diffusion_;
  if (item.grid) return DrawGrid(network, item);
  const uint64_t seed = SeedFor(options_.seed, item.id);
  return DrawGenerated(network, StyleOf(item.style, seed), seed, item.width,
                       item.height);
}

absl::StatusOr<Image> SimulatedGallery::DrawPainted(
    const GalleryItem& item) const {
  Random random(SeedFor(options_.seed, item.work));
  const ArtStyle& style = StyleOf(item.style, 0);
  const Scene scene = ComposeScene(style, random);
  const int width = item.detail ? kDetailedSide : item.width;
  const int height = item.detail ? kDetailedSide : item.height;
  Image image = PaintScene(scene, style, width, height, random);
  AddCanvas(style, random, image);
  if (!item.detail) return image;
  Random place(SeedFor(options_.seed, item.id));
  return Crop(image, place.Below(width - item.width + 1),
              place.Below(height - item.height + 1), item.width, item.height);
}

absl::StatusOr<Image> SimulatedGallery::DrawGrid(
    const UpsamplingNetwork& network, const GalleryItem& item) const {
  Image grid{item.width, item.height, {}};
  grid.rgb.resize(static_cast<size_t>(item.width) * item.height * 3);
  for (int i = 0; i < 4; ++i) {
    const uint64_t seed = SeedFor(options_.seed, absl::StrCat(item.id, "/", i));
    const Image part = DrawGenerated(network, StyleOf(item.style, seed), seed,
                                     item.width / 2, item.height / 2);
    Paste(part, i % 2 * part.width, i / 2 * part.height, grid);
  }
  return grid;
}

absl::StatusOr<std::string> SimulatedGallery::Picture(Site site, size_t index) {
  const GalleryItem& item = items(site)[index];
  ASSIGN_OR_RETURN(const Image image, Draw(site, index));
  if (item.format == "webp") return EncodeWebp(image, 90);
  const uint64_t seed = SeedFor(options_.seed, item.id + "/jpeg");
  if (site == Site::kLexica) {
    return EncodeJpeg(image, 90, ChromaSubsampling::k420);
  }
  return EncodeVariedJpeg(image, seed);
}

absl::StatusOr<GeneratedPicture> SimulatedGallery::Generate(
    const GenerateRequest& request) {
  uint64_t seed = SeedFor(request.seed, request.prompt);
  if (options_.lofi > 0) seed %= static_cast<uint64_t>(options_.lofi);
  seed = SeedFor(options_.seed, absl::StrCat("lofi/", seed));
  Image image;
  if (request.init) {
    ASSIGN_OR_RETURN(const Image guide, GuideOf(request));
    image = stable_diffusion_.Decode(guide, seed);
  } else {
    image = DrawGenerated(stable_diffusion_, StyleOf(request.prompt, seed),
                          seed, request.width, request.height);
  }
  ASSIGN_OR_RETURN(
      std::string bytes,
      EncodePng(image, {{"parameters", InfoText(request, kModel)}}));
  return GeneratedPicture{std::move(bytes), kModel};
}

}  // namespace verso
