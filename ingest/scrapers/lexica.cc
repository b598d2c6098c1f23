#include "ingest/scrapers/lexica.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/http/url.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/json.h"

namespace verso {
namespace {

constexpr absl::string_view kSearchPrefix = "search/";
constexpr int kImageBase = 1;  // Of the source's base URLs.

std::string FamilyOf(const std::string& model) {
  if (absl::StartsWith(model, "lexica-aperture")) return "lexica-aperture";
  return "stable-diffusion";
}

Provenance ProvenanceOf(const nlohmann::json& image, absl::string_view query) {
  Provenance provenance;
  provenance.set_collection("lexica");
  provenance.set_label(LABEL_GENERATED);
  provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  provenance.set_found_by(std::string(query));
  Generator& generator = *provenance.mutable_generator();
  generator.set_name(TextOf(image, "model"));
  generator.set_family(FamilyOf(generator.name()));
  generator.set_guidance(NumberOf(image, "guidance"));
  generator.set_seed(TextOf(image, "seed"));
  generator.set_prompt(TextOf(image, "prompt"));
  generator.set_edit_mode("txt2img");
  // Pictures of one prompt are near-duplicates: one work.
  const std::string prompt_id = TextOf(image, "promptid");
  if (!prompt_id.empty()) {
    provenance.mutable_work()->set_work_key("lexica-prompt|" + prompt_id);
  }
  return provenance;
}

}  // namespace

std::vector<WorkItem> LexicaScraper::Seeds() const {
  std::vector<WorkItem> seeds;
  for (const std::string& style : ArtbenchStyles()) {
    seeds.push_back(Search(absl::StrCat(StyleInWords(style), " painting")));
  }
  return seeds;
}

std::optional<RecordQuery> LexicaScraper::DerivesFrom() const {
  RecordQuery query;
  query.add_source("artbench");
  return query;
}

std::optional<WorkItem> LexicaScraper::Derive(const Record& record) const {
  const std::string& url = record.provenance().image_url();
  if (url.empty()) return std::nullopt;
  return Search(url);
}

WorkItem LexicaScraper::Search(absl::string_view query) const {
  WorkItem item;
  item.set_source(source());
  item.set_id(absl::StrCat(kSearchPrefix, query));
  item.set_url(absl::StrCat("/api/v1/search?q=", PercentEncode(query)));
  item.set_kind(FETCH_KIND_PAGE);
  return item;
}

absl::Status LexicaScraper::Parse(const WorkItem& item, HttpStream& response,
                                  ScrapeSink& sink) const {
  if (item.kind() == FETCH_KIND_IMAGE) return ParseImage(item, response, sink);
  ASSIGN_OR_RETURN(const nlohmann::json answer, ReadJson(response));
  if (!answer.is_object() || !answer.contains("images")) {
    return Malformed("not a search result", "the answer has no \"images\"");
  }
  const absl::string_view query = absl::StripPrefix(item.id(), kSearchPrefix);
  for (const nlohmann::json& image : ArrayOf(answer, "images")) {
    const std::string id = TextOf(image, "id");
    if (!IsPlainId(id)) {
      RETURN_IF_ERROR(sink.Refuse("bad id"));
    } else if (BoolOf(image, "grid")) {
      RETURN_IF_ERROR(sink.Refuse("grid", id));
    } else if (BoolOf(image, "nsfw")) {
      RETURN_IF_ERROR(sink.Refuse("nsfw", id));
    } else {
      WorkItem found;
      found.set_source(source());
      found.set_id(id);
      found.set_url(absl::StrCat("/full_jpg/", id));
      found.set_base(kImageBase);
      found.set_kind(FETCH_KIND_IMAGE);
      *found.mutable_provenance() = ProvenanceOf(image, query);
      found.mutable_provenance()->set_page_url(
          absl::StrCat(base_, "/prompt/", id));
      RETURN_IF_ERROR(sink.AddItem(std::move(found)));
    }
  }
  return absl::OkStatus();
}

}  // namespace verso
