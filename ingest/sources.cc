#include "ingest/sources.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/http/url.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/dalle.h"
#include "ingest/scrapers/lexica.h"
#include "ingest/scrapers/lofi.h"
#include "ingest/scrapers/twin.h"
#include "ingest/scrapers/wga.h"

namespace verso {
namespace {

std::string Base(absl::string_view url) {
  return std::string(absl::StripSuffix(url, "/"));
}

// The value of the name that a flag was given.
template <typename Value>
absl::StatusOr<Value> Choose(absl::string_view flag, absl::string_view chosen,
                             const std::map<std::string, Value>& values) {
  const auto it = values.find(std::string(chosen));
  if (it != values.end()) return it->second;
  return absl::InvalidArgumentError(absl::StrCat(
      "--", flag, " cannot be \"", chosen, "\"; there are ",
      absl::StrJoin(values, ", ", [](std::string* out, const auto& value) {
        out->append(value.first);
      })));
}

absl::StatusOr<Source> MakeWga(const SiteUrls& urls) {
  Source source;
  source.base_urls = {Base(urls.wga)};
  source.scraper = std::make_unique<WgaScraper>();
  source.host_interval = absl::Seconds(5);
  return source;
}

absl::StatusOr<Source> MakeArtbench(const SiteUrls& urls,
                                    const SourceChoices& choices) {
  ASSIGN_OR_RETURN(
      const ArtbenchFiles files,
      Choose<ArtbenchFiles>("artbench_files", choices.artbench_files,
                            {{"split_tar", ArtbenchFiles::kSplitTar},
                             {"binary", ArtbenchFiles::kBinary}}));
  Source source;
  source.base_urls = {Base(urls.artbench)};
  source.scraper =
      std::make_unique<ArtbenchScraper>(Base(urls.artbench), files);
  source.host_interval = absl::Seconds(1);
  return source;
}

absl::StatusOr<Source> MakeLexica(const SiteUrls& urls,
                                  const SourceChoices& choices) {
  ASSIGN_OR_RETURN(
      const LexicaApi api,
      Choose<LexicaApi>("lexica_api", choices.lexica_api,
                        {{"v1", LexicaApi::kV1},
                         {"infinite_prompts", LexicaApi::kInfinitePrompts}}));
  Source source;
  source.base_urls = {Base(urls.lexica), Base(urls.lexica_image)};
  source.scraper = std::make_unique<LexicaScraper>(Base(urls.lexica), api);
  source.host_interval = absl::Seconds(3);  // 20 requests a minute.
  return source;
}

absl::StatusOr<Source> MakeDalle(const SiteUrls& urls) {
  Source source;
  source.base_urls = {Base(urls.dalle), Base(urls.dalle_image)};
  std::string manifest_path;
  if (!urls.dalle_manifest.empty()) {
    ASSIGN_OR_RETURN(const Url url, ParseUrl(urls.dalle_manifest));
    manifest_path =
        absl::StrCat(url.path, url.query.empty() ? "" : "?", url.query);
    const size_t host = urls.dalle_manifest.find("://") + 3;
    source.base_urls.push_back(urls.dalle_manifest.substr(
        0, urls.dalle_manifest.find_first_of("/?#", host)));
  }
  source.scraper =
      std::make_unique<DalleScraper>(Base(urls.dalle), manifest_path);
  source.host_interval = absl::Seconds(5);
  return source;
}

// A generator works off one request after the other.
Source MakeGenerator(const std::string& url, std::unique_ptr<Scraper> scraper) {
  Source source;
  source.base_urls = {Base(url)};
  source.scraper = std::move(scraper);
  source.host_interval = absl::ZeroDuration();
  source.one_at_a_time = true;
  return source;
}

absl::StatusOr<Source> MakeTwin(const SiteUrls& urls,
                                const SourceChoices& choices) {
  const double strength = choices.twin_strength;
  if (!(strength > 0 && strength <= 1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--twin_strength is ", strength, "; it can be above 0 and at most 1"));
  }
  return MakeGenerator(urls.twin, std::make_unique<TwinScraper>(strength));
}

}  // namespace

const std::vector<std::string>& SourceNames() {
  static const auto* const names = new std::vector<std::string>{
      "wga", "artbench", "lexica", "dalle", "lofi", "twin"};
  return *names;
}

std::vector<std::string> DefaultSources() {
  std::vector<std::string> names = SourceNames();
  names.erase(std::find(names.begin(), names.end(), "twin"));
  return names;
}

absl::StatusOr<Source> MakeSource(absl::string_view name, const SiteUrls& urls,
                                  const SourceChoices& choices) {
  if (name == "wga") return MakeWga(urls);
  if (name == "artbench") return MakeArtbench(urls, choices);
  if (name == "lexica") return MakeLexica(urls, choices);
  if (name == "dalle") return MakeDalle(urls);
  if (name == "lofi") {
    return MakeGenerator(urls.lofi, std::make_unique<LofiScraper>());
  }
  if (name == "twin") return MakeTwin(urls, choices);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown source \"", name, "\"; there are ",
                   absl::StrJoin(SourceNames(), ", ")));
}

}  // namespace verso
