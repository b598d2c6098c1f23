#include "ingest/scrapers/twin.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ingest/scrapers/webui.h"

namespace verso {
namespace {

constexpr int kMinSide = 64, kMaxSide = 2048;  // Pixels.
constexpr int kCropAndResize = 1;              // Of the API's resize modes.

bool HasSide(int side) { return side >= kMinSide && side <= kMaxSide; }

// Stable Diffusion works on blocks of 8 pixels.
int RoundDown(int side) { return side / 8 * 8; }

}  // namespace

std::optional<RecordQuery> TwinScraper::DerivesFrom() const {
  RecordQuery query;
  query.add_source("wga");
  query.add_source("artbench");
  query.add_label(LABEL_HUMAN);
  return query;
}

std::optional<WorkItem> TwinScraper::Derive(const Record& record) const {
  const Provenance& parent = record.provenance();
  if (parent.label() != LABEL_HUMAN || parent.work().title().empty() ||
      !HasSide(parent.width()) || !HasSide(parent.height())) {
    return std::nullopt;
  }
  WorkItem item = WebuiItem(source(), "img2img", record);
  Provenance& twin = *item.mutable_provenance();
  twin.set_collection(absl::StrCat("twin-", parent.source()));
  twin.mutable_generator()->set_denoising_strength(denoising_strength_);
  return item;
}

absl::StatusOr<std::string> TwinScraper::PostBody(const WorkItem& item,
                                                  const Record& parent) const {
  const Provenance& provenance = parent.provenance();
  nlohmann::json request = WebuiRequest(item, RoundDown(provenance.width()),
                                        RoundDown(provenance.height()));
  request["denoising_strength"] =
      item.provenance().generator().denoising_strength();
  request["resize_mode"] = kCropAndResize;
  request["init_images"] =
      nlohmann::json::array({absl::Base64Escape(parent.image())});
  return DumpJson(request);
}

absl::Status TwinScraper::Parse(const WorkItem& item, HttpStream& response,
                                ScrapeSink& sink) const {
  return ParseWebuiAnswer(item, response, sink);
}

}  // namespace verso
