#ifndef VERSO_TESTS_GALLERY_GALLERY_H_
#define VERSO_TESTS_GALLERY_GALLERY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace verso {

enum class Site { kWga, kArtbench, kLexica, kDalle, kLofi };
inline constexpr int kNumSites = 5;

// A picture that a site lists. All texts are UTF-8; what a gallery does not
// know is empty.
struct GalleryItem {
  std::string id;    // A UUID, unique in the gallery.
  std::string work;  // Pictures of one work, prompt or entry share it.
  std::string title;
  std::string artist;
  std::string style;              // ArtBench's spelling ("post_impressionism").
  std::string form = "painting";  // As in WGA's column FORM.
  std::string prompt;             // Of generated pictures.
  std::string generator;          // What generated it.
  std::string format = "jpeg";    // "jpeg", "png" or "webp".
  int year = 0;                   // 0: unknown.
  int width = 0, height = 0;      // Pixels.
  bool detail = false;            // Shows a part of the work.
  bool grid = false;              // Several pictures in one.
  bool nsfw = false;
};

// What a web UI is asked to generate.
struct GenerateRequest {
  std::string prompt;
  std::string negative_prompt;
  std::string sampler = "Euler";
  uint32_t seed = 0;
  int steps = 50;
  double guidance = 7;
  int width = 512, height = 512;     // Pixels; multiples of 8.
  std::optional<Image> init;         // Image to image when there is one.
  double denoising_strength = 0.75;  // 0..1, image to image only.
};

struct GeneratedPicture {
  std::string bytes;
  std::string model;
};

// The text that a web UI writes into its pictures and its answers.
std::string InfoText(const GenerateRequest& request, const std::string& model);

// Pictures for all sites, the same ones each time. Thread-safe.
class Gallery {
 public:
  virtual ~Gallery() = default;

  // What its pictures are called: "simulated" or "stand-in".
  virtual std::string kind() const = 0;

  // What a site lists; empty for kLofi, which generates on demand.
  virtual const std::vector<GalleryItem>& items(Site site) const = 0;

  // The bytes of items(site)[index]. REQUIRES: there is such an item.
  virtual absl::StatusOr<std::string> Picture(Site site, size_t index) = 0;

  // kUnimplemented: this gallery cannot (any) image to image.
  // kNotFound: it has no pictures for it.
  virtual absl::StatusOr<GeneratedPicture> Generate(
      const GenerateRequest& request) = 0;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_GALLERY_H_
