#ifndef VERSO_INGEST_SCRAPERS_DALLE_H_
#define VERSO_INGEST_SCRAPERS_DALLE_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// dalle2.gallery: numbered pages of entries until an empty one, or, where the
// site is gone, a manifest that somebody kept of it: JSON lines of {"id",
// "caption"}. Of an entry only the generated pictures are taken, never the one
// it may have been made from (PromptImagePath), which can be a photograph; that
// there was one is in the edit_mode. Thread-safe.
class DalleScraper : public Scraper {
 public:
  // Base URLs: what stands for https://dalle2.gallery, given here, for the host
  // of its pictures and, if there is one, for that of the manifest.
  // `manifest_path`: from its "/" on; empty: there is none.
  explicit DalleScraper(std::string base_url, std::string manifest_path = "")
      : base_(std::move(base_url)), manifest_path_(std::move(manifest_path)) {}

  std::string source() const override { return "dalle"; }
  std::vector<WorkItem> Seeds() const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  WorkItem Page(int number) const;
  absl::Status ParsePage(const WorkItem& item, HttpStream& response,
                         ScrapeSink& sink) const;
  absl::Status ParseManifest(const WorkItem& item, HttpStream& response,
                             ScrapeSink& sink) const;
  absl::Status AddEntry(const nlohmann::json& entry,
                        const std::string& found_by, ScrapeSink& sink) const;
  WorkItem Picture(const std::string& id, const std::string& prompt,
                   const std::string& found_by) const;

  const std::string base_;  // In the pages of pictures.
  const std::string manifest_path_;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_DALLE_H_
