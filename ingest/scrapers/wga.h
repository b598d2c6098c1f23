#ifndef VERSO_INGEST_SCRAPERS_WGA_H_
#define VERSO_INGEST_SCRAPERS_WGA_H_

#include <optional>
#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// The Web Gallery of Art: a catalogue (zip of catalog.csv) gives the pages of
// all works; the picture lies beside the page by a rule of paths, and where it
// does not, the page links to it. Paintings only. Thread-safe.
class WgaScraper : public Scraper {
 public:
  std::string source() const override { return "wga"; }
  std::vector<WorkItem> Seeds() const override;
  std::optional<WorkItem> Instead(const WorkItem& item) const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  absl::Status ParsePage(const WorkItem& item, HttpStream& response,
                         ScrapeSink& sink) const;
  absl::Status ParseCatalogue(absl::string_view csv, ScrapeSink& sink) const;
  absl::StatusOr<WorkItem> ItemOfRow(const std::vector<std::string>& row,
                                     const std::vector<int>& columns) const;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_WGA_H_
