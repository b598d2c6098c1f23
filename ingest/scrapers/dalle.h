#ifndef VERSO_INGEST_SCRAPERS_DALLE_H_
#define VERSO_INGEST_SCRAPERS_DALLE_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// dalle2.gallery: numbered pages of entries until an empty one. Of an entry
// only the generated pictures are taken, never the one it may have been made
// from (PromptImagePath), which can be a photograph. Thread-safe.
class DalleScraper : public Scraper {
 public:
  // Base URLs: what stands for https://dalle2.gallery, given here, and for the
  // host of its pictures.
  explicit DalleScraper(std::string base_url) : base_(std::move(base_url)) {}

  std::string source() const override { return "dalle"; }
  std::vector<WorkItem> Seeds() const override { return {Page(0)}; }
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  WorkItem Page(int number) const;
  absl::Status AddEntry(const nlohmann::json& entry,
                        const std::string& found_by, ScrapeSink& sink) const;

  const std::string base_;  // In the pages of pictures.
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_DALLE_H_
