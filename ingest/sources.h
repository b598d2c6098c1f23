#ifndef VERSO_INGEST_SOURCES_H_
#define VERSO_INGEST_SOURCES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ingest/scraper.h"

namespace verso {

// What stands for the sites; without a last "/".
struct SiteUrls {
  std::string wga = "https://www.wga.hu";
  std::string artbench = "https://artbench.eecs.berkeley.edu";
  std::string lexica = "https://lexica.art";
  std::string lexica_image = "https://image.lexica.art";
  std::string dalle = "https://dalle2.gallery";
  std::string dalle_image = "https://ditlgf0hrcl4j.cloudfront.net";
  std::string lofi = "http://127.0.0.1:7860";
  std::string twin = "http://127.0.0.1:7860";
  // The whole URL of a file (scrapers/dalle.h); empty: the site is asked.
  std::string dalle_manifest = "";
};

// What a user may choose of a source besides its site.
struct SourceChoices {
  std::string lexica_api = "v1";             // Or "infinite_prompts".
  std::string artbench_files = "split_tar";  // Or "binary".
  double twin_strength = 0.3;                // Of img2img; above 0, at most 1.
};

// One source as ingest runs it.
struct Source {
  std::unique_ptr<Scraper> scraper;
  std::vector<std::string> base_urls;  // WorkItem::base counts them.
  absl::Duration host_interval;        // The site's own polite floor.
  bool one_at_a_time = false;          // A generator with one queue.
};

// "wga", "artbench", "lexica", "dalle", "lofi", "twin".
const std::vector<std::string>& SourceNames();

// Those that a run takes unless it is told otherwise: all but "twin", which
// keeps a GPU busy for as long as LoFi does.
std::vector<std::string> DefaultSources();

// kInvalidArgument: no such source, or a choice that it does not have; says
// which there are.
absl::StatusOr<Source> MakeSource(absl::string_view name, const SiteUrls& urls,
                                  const SourceChoices& choices = {});

}  // namespace verso

#endif  // VERSO_INGEST_SOURCES_H_
