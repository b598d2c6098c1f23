#ifndef VERSO_INGEST_SCRAPERS_TWIN_H_
#define VERSO_INGEST_SCRAPERS_TWIN_H_

#include <optional>
#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// Twins: for each stored painting of WGA and ArtBench the generator's own
// reconstruction of it, by a Stable Diffusion server (AUTOMATIC1111's img2img)
// at low strength and else with LoFi's settings. The pair shows the same and
// differs in little but generation.
//
// A twin has its parent's size with both sides rounded down to multiples of 8,
// which the generator needs; the server scales the parent to fill that size and
// cuts off what is over, so that nothing is enlarged or squashed. Parents with
// a side below 64 or above 2048 pixels have no twin, nor have those without a
// title or without a human label. Thread-safe.
class TwinScraper : public Scraper {
 public:
  // `denoising_strength`: 0..1, of img2img. REQUIRES: in that range.
  explicit TwinScraper(double denoising_strength)
      : denoising_strength_(denoising_strength) {}

  std::string source() const override { return "twin"; }
  std::vector<WorkItem> Seeds() const override { return {}; }
  std::optional<RecordQuery> DerivesFrom() const override;
  std::optional<WorkItem> Derive(const Record& record) const override;
  bool PostsParent() const override { return true; }
  absl::StatusOr<std::string> PostBody(const WorkItem& item,
                                       const Record& parent) const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  const double denoising_strength_;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_TWIN_H_
