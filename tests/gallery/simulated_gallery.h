#ifndef VERSO_TESTS_GALLERY_SIMULATED_GALLERY_H_
#define VERSO_TESTS_GALLERY_SIMULATED_GALLERY_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/gallery/drawing/upsampling_network.h"
#include "tests/gallery/gallery.h"

namespace verso {

struct SimulatedGalleryOptions {
  uint64_t seed = 1;
  int wga = 240;
  int artbench = 400;
  int lexica = 240;
  int dalle = 80;
  int lofi = 0;  // Different pictures that are generated; 0: no limit.
};

// Pictures drawn by program when they are asked for: painted ones for WGA and
// ArtBench, generated ones by a random network for the others. Lexica and LoFi
// share a network, DALL-E has one of another kind. Thread-safe.
class SimulatedGallery : public Gallery {
 public:
  explicit SimulatedGallery(const SimulatedGalleryOptions& options);

  std::string kind() const override { return "simulated"; }
  const std::vector<GalleryItem>& items(Site site) const override;
  absl::StatusOr<std::string> Picture(Site site, size_t index) override;
  absl::StatusOr<GeneratedPicture> Generate(
      const GenerateRequest& request) override;

  // The pixels before they are encoded.
  absl::StatusOr<Image> Draw(Site site, size_t index) const;

 private:
  absl::StatusOr<Image> DrawPainted(const GalleryItem& item) const;
  absl::StatusOr<Image> DrawGrid(const UpsamplingNetwork& network,
                                 const GalleryItem& item) const;

  const SimulatedGalleryOptions options_;
  const UpsamplingNetwork stable_diffusion_;
  const UpsamplingNetwork dalle_;
  std::array<std::vector<GalleryItem>, kNumSites> items_;
};

}  // namespace verso

#endif  // VERSO_TESTS_GALLERY_SIMULATED_GALLERY_H_
