#include "ingest/sources.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/dalle.h"
#include "ingest/scrapers/lexica.h"
#include "ingest/scrapers/lofi.h"
#include "ingest/scrapers/wga.h"

namespace verso {
namespace {

std::string Base(absl::string_view url) {
  return std::string(absl::StripSuffix(url, "/"));
}

}  // namespace

const std::vector<std::string>& SourceNames() {
  static const auto* const names = new std::vector<std::string>{
      "wga", "artbench", "lexica", "dalle", "lofi"};
  return *names;
}

absl::StatusOr<Source> MakeSource(absl::string_view name, SiteUrls urls) {
  Source source;
  if (name == "wga") {
    source.base_urls = {Base(urls.wga)};
    source.scraper = std::make_unique<WgaScraper>();
    source.host_interval = absl::Seconds(5);
  } else if (name == "artbench") {
    source.base_urls = {Base(urls.artbench)};
    source.scraper = std::make_unique<ArtbenchScraper>(Base(urls.artbench));
    source.host_interval = absl::Seconds(1);
  } else if (name == "lexica") {
    source.base_urls = {Base(urls.lexica), Base(urls.lexica_image)};
    source.scraper = std::make_unique<LexicaScraper>(Base(urls.lexica));
    source.host_interval = absl::Seconds(3);  // 20 requests a minute.
  } else if (name == "dalle") {
    source.base_urls = {Base(urls.dalle), Base(urls.dalle_image)};
    source.scraper = std::make_unique<DalleScraper>(Base(urls.dalle));
    source.host_interval = absl::Seconds(5);
  } else if (name == "lofi") {
    source.base_urls = {Base(urls.lofi)};
    source.scraper = std::make_unique<LofiScraper>();
    source.host_interval = absl::ZeroDuration();
    source.one_at_a_time = true;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown source \"", name, "\"; there are ",
                     absl::StrJoin(SourceNames(), ", ")));
  }
  return source;
}

}  // namespace verso
