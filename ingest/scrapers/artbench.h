#ifndef VERSO_INGEST_SCRAPERS_ARTBENCH_H_
#define VERSO_INGEST_SCRAPERS_ARTBENCH_H_

#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

// ArtBench-10: a table of 60,000 paintings in ten styles and a tar of their
// pictures (256x256), joined by name. A list of checksums is used when the site
// has one. Thread-safe.
class ArtbenchScraper : public Scraper {
 public:
  // `base_url`: what stands for https://artbench.eecs.berkeley.edu.
  explicit ArtbenchScraper(std::string base_url);

  std::string source() const override { return "artbench"; }
  std::vector<WorkItem> Seeds() const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  absl::Status ParseChecksums(HttpStream& response, ScrapeSink& sink) const;
  absl::Status ParseTable(HttpStream& response, ScrapeSink& sink) const;
  absl::Status ParseTar(HttpStream& response, ScrapeSink& sink) const;
  absl::Status AddMember(const std::string& path, std::string bytes,
                         ScrapeSink& sink) const;

  const std::string files_;  // Base of the files, without a last "/".
};

// The ten styles as ArtBench spells its folders, in alphabetical order.
const std::vector<std::string>& ArtbenchStyles();

// A style as it is written in a prompt: "post_impressionism" is
// "post-impressionism", "art_nouveau" is "art nouveau". Empty for others than
// the ten.
std::string StyleInWords(absl::string_view style);

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_ARTBENCH_H_
