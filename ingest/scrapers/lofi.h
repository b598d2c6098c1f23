#ifndef VERSO_INGEST_SCRAPERS_LOFI_H_
#define VERSO_INGEST_SCRAPERS_LOFI_H_

#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// The paper's LoFi set: for each stored ArtBench record one picture generated
// from "[style] painting of [title]" by a Stable Diffusion server
// (AUTOMATIC1111's txt2img) with the paper's settings: DDIM, 32 steps, guidance
// 7.5, 256x256 pixels. Thread-safe.
class LofiScraper : public Scraper {
 public:
  std::string source() const override { return "lofi"; }
  std::vector<WorkItem> Seeds() const override { return {}; }
  std::optional<RecordQuery> DerivesFrom() const override;
  // The seed follows from the parent's id, so that a second run asks the same.
  std::optional<WorkItem> Derive(const Record& record) const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_LOFI_H_
