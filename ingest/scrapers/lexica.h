#ifndef VERSO_INGEST_SCRAPERS_LEXICA_H_
#define VERSO_INGEST_SCRAPERS_LEXICA_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "ingest/scraper.h"

namespace verso {

enum class LexicaApi {
  kV1,               // The documented search: about 50 results, no pages.
  kInfinitePrompts,  // What the site's own page asks: pages without end.
};

// Lexica's search for each of ArtBench's styles by text and, with kV1, for each
// stored ArtBench record by picture, as the paper did. Both give the same ids,
// so that what one has found the other does not fetch again. Contact sheets
// ("grid"), nsfw and private pictures are left out, person fields are not kept.
// A picture that was made from another one is kept as generated; its edit_mode
// says so. Thread-safe.
class LexicaScraper : public Scraper {
 public:
  // Of kInfinitePrompts, per query: its cursor may go on for ever.
  static constexpr int kMaxPages = 200;

  // Base URLs: what stands for https://lexica.art, given here, and for
  // https://image.lexica.art.
  explicit LexicaScraper(std::string base_url, LexicaApi api = LexicaApi::kV1)
      : base_(std::move(base_url)), api_(api) {}

  std::string source() const override { return "lexica"; }
  std::vector<WorkItem> Seeds() const override;
  std::optional<RecordQuery> DerivesFrom() const override;
  std::optional<WorkItem> Derive(const Record& record) const override;
  absl::Status Parse(const WorkItem& item, HttpStream& response,
                     ScrapeSink& sink) const override;

 private:
  WorkItem Search(absl::string_view query) const;
  WorkItem Prompts(absl::string_view query, int page, int64_t cursor) const;
  absl::Status ParseSearch(const WorkItem& item, const nlohmann::json& answer,
                           ScrapeSink& sink) const;
  absl::Status ParsePrompts(const WorkItem& item, const nlohmann::json& answer,
                            ScrapeSink& sink) const;
  absl::Status AddImage(const nlohmann::json& image,
                        const nlohmann::json& prompt, absl::string_view query,
                        ScrapeSink& sink) const;

  const std::string base_;  // In the pages of pictures.
  const LexicaApi api_;
};

}  // namespace verso

#endif  // VERSO_INGEST_SCRAPERS_LEXICA_H_
