#include "ingest/scrapers/lofi.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/webui.h"

namespace verso {
namespace {

constexpr int kSize = 256;  // Pixels, both sides.

}  // namespace

std::optional<RecordQuery> LofiScraper::DerivesFrom() const {
  RecordQuery query;
  query.add_source("artbench");
  return query;
}

std::optional<WorkItem> LofiScraper::Derive(const Record& record) const {
  const Provenance& parent = record.provenance();
  if (parent.work().title().empty()) return std::nullopt;
  // The same paintings as the split tar's, 32 pixels wide: one LoFi is enough.
  if (parent.collection() == kArtbenchBinaryCollection) return std::nullopt;
  WorkItem item = WebuiItem(source(), "txt2img", record);
  item.set_post_body(DumpJson(WebuiRequest(item, kSize, kSize)));
  return item;
}

absl::Status LofiScraper::Parse(const WorkItem& item, HttpStream& response,
                                ScrapeSink& sink) const {
  return ParseWebuiAnswer(item, response, sink);
}

}  // namespace verso
