#ifndef VERSO_INGEST_SCRAPERS_LEXICA_H_
#define VERSO_INGEST_SCRAPERS_LEXICA_H_

#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// Lexica's search (v1): by text for each of ArtBench's styles, and by picture
// for each stored ArtBench record, as the paper did. Contact sheets ("grid")
// and nsfw results are left out, person fields are not kept. Thread-safe.
class LexicaScraper : public Scraper {
 public:
  // Base URLs: what stands for https://lexica.art, given here, and for
  // https://image.lexica.art.
  explicit LexicaScraper(std::string base_url) : base_(std::move(base_url)) {}

  std::string source() const override { return "lexica"; }
  std::vector<WorkItem> Seeds() const override;
  std::optional<RecordQuery> DerivesFrom() const override;
  std::optional<WorkItem> Derive(const Record& record) const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  WorkItem Search(absl::string_view query) const;

  const std::string base_;  // In the pages of pictures.
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_LEXICA_H_
