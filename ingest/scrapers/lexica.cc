#include "ingest/scrapers/lexica.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/http/url.h"
#include "ingest/scrapers/artbench.h"
#include "ingest/scrapers/json.h"

namespace verso {
namespace {

using nlohmann::json;

constexpr absl::string_view kSearchPrefix = "search/";
constexpr absl::string_view kPromptsPrefix = "prompts/";
constexpr int kImageBase = 1;  // Of the source's base URLs.

std::string FamilyOf(const std::string& model) {
  if (absl::StartsWith(model, "lexica-aperture")) return "lexica-aperture";
  return "stable-diffusion";
}

// What the two shapes of an answer say of one picture: in itself (v1, and the
// older shape of prompts) or in the prompt that it was made from.
class Facts {
 public:
  Facts(const json& image, const json& prompt)
      : image_(image), prompt_(prompt) {}

  std::string Text(const char* key) const {
    const std::string own = TextOf(image_, key);
    return own.empty() ? TextOf(prompt_, key) : own;
  }
  double Number(const char* key) const {
    const double own = NumberOf(image_, key);
    return own != 0 ? own : NumberOf(prompt_, key);
  }
  bool Bool(const char* key) const {
    return BoolOf(image_, key) || BoolOf(prompt_, key);
  }
  bool Has(const char* key) const {
    return image_.contains(key) || prompt_.contains(key);
  }

 private:
  const json& image_;
  const json& prompt_;
};

// Why a picture is left out; empty: it is not.
std::string Unwanted(const Facts& facts) {
  for (const char* key : {"grid", "nsfw"}) {
    if (facts.Bool(key)) return key;
  }
  return facts.Bool("is_private") ? "private" : "";
}

// v1 does not say how a picture was made; then it is not made up.
std::string EditModeOf(const Facts& facts) {
  if (!facts.Text("initImage").empty() ||
      facts.Number("image_prompt_strength") != 0) {
    return "img2img";
  }
  if (!facts.Text("variationForImageUrl").empty()) return "variation";
  return facts.Has("initImage") ? "txt2img" : "";
}

int SideOf(const Facts& facts, const char* key) {
  const double side = facts.Number(key);
  return side >= 1 && side <= 100'000 ? static_cast<int>(side) : 0;
}

Provenance ProvenanceOf(const Facts& facts, const std::string& prompt_id,
                        absl::string_view query) {
  Provenance provenance;
  provenance.set_collection("lexica");
  provenance.set_label(LABEL_GENERATED);
  provenance.set_label_evidence(LABEL_EVIDENCE_ARCHIVE_CLAIM);
  provenance.set_found_by(std::string(query));
  // As claimed; the picture itself says it better once it is there.
  provenance.set_width(SideOf(facts, "width"));
  provenance.set_height(SideOf(facts, "height"));
  Generator& generator = *provenance.mutable_generator();
  generator.set_name(facts.Text("model"));
  generator.set_family(FamilyOf(generator.name()));
  generator.set_guidance(
      facts.Number(facts.Has("guidance") ? "guidance" : "c"));
  generator.set_seed(facts.Text("seed"));
  generator.set_prompt(facts.Text("prompt"));
  generator.set_negative_prompt(facts.Text("negativePrompt"));
  generator.set_edit_mode(EditModeOf(facts));
  // Pictures of one prompt are near-duplicates: one work.
  if (!prompt_id.empty()) {
    provenance.mutable_work()->set_work_key("lexica-prompt|" + prompt_id);
  }
  return provenance;
}

// Where an answer's page lies in its query: "prompts/<page>/<cursor>/<query>".
struct Place {
  int page = 0;
  int64_t cursor = 0;
  std::string query;
};

Place PlaceOf(absl::string_view id) {
  const std::vector<std::string> parts = absl::StrSplit(
      absl::StripPrefix(id, kPromptsPrefix), absl::MaxSplits('/', 2));
  Place place;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &place.page) ||
      !absl::SimpleAtoi(parts[1], &place.cursor)) {
    place.page = LexicaScraper::kMaxPages;  // Nothing follows it.
  }
  place.query = parts.back();
  return place;
}

// The cursor of the page behind `place`; nullopt: it is the last one. A cursor
// that does not move on would lead to the same pages for ever.
std::optional<int64_t> NextCursor(const json& answer, const Place& place) {
  const auto next = answer.find("nextCursor");
  if (next == answer.end() || !next->is_number_integer() ||
      place.page + 1 >= LexicaScraper::kMaxPages) {
    return std::nullopt;
  }
  const auto cursor = next->get<int64_t>();
  if (cursor <= place.cursor) return std::nullopt;
  return cursor;
}

const json& NoPrompt() {
  static const json* const none = new json(json::object());
  return *none;
}

}  // namespace

std::vector<WorkItem> LexicaScraper::Seeds() const {
  std::vector<WorkItem> seeds;
  for (const std::string& style : ArtbenchStyles()) {
    const std::string query = absl::StrCat(StyleInWords(style), " painting");
    seeds.push_back(api_ == LexicaApi::kV1 ? Search(query)
                                           : Prompts(query, 0, 0));
  }
  return seeds;
}

std::optional<RecordQuery> LexicaScraper::DerivesFrom() const {
  if (api_ != LexicaApi::kV1) return std::nullopt;
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

WorkItem LexicaScraper::Prompts(absl::string_view query, int page,
                                int64_t cursor) const {
  WorkItem item;
  item.set_source(source());
  item.set_id(absl::StrCat(kPromptsPrefix, page, "/", cursor, "/", query));
  item.set_url("/api/infinite-prompts");
  item.set_kind(FETCH_KIND_PAGE);
  item.set_content_type("application/json");
  item.set_post_body(json{
      {"text", std::string(query)},
      {"searchMode", "images"},
      {"source", "search"},
      {"cursor", cursor}}.dump());
  return item;
}

absl::Status LexicaScraper::Parse(const WorkItem& item, HttpStream& response,
                                  ScrapeSink& sink) const {
  if (item.kind() == FETCH_KIND_IMAGE) return ParseImage(item, response, sink);
  ASSIGN_OR_RETURN(const json answer, ReadJson(response));
  // What is queued may be of an earlier run with the other API.
  return absl::StartsWith(item.id(), kPromptsPrefix)
             ? ParsePrompts(item, answer, sink)
             : ParseSearch(item, answer, sink);
}

absl::Status LexicaScraper::ParseSearch(const WorkItem& item,
                                        const json& answer,
                                        ScrapeSink& sink) const {
  if (!answer.is_object() || !answer.contains("images")) {
    return Malformed("not a search result", "the answer has no \"images\"");
  }
  const absl::string_view query = absl::StripPrefix(item.id(), kSearchPrefix);
  for (const json& image : ArrayOf(answer, "images")) {
    RETURN_IF_ERROR(AddImage(image, NoPrompt(), query, sink));
  }
  return absl::OkStatus();
}

absl::Status LexicaScraper::ParsePrompts(const WorkItem& item,
                                         const json& answer,
                                         ScrapeSink& sink) const {
  if (!answer.is_object() || !answer.contains("prompts")) {
    return Malformed("not a search result", "the answer has no \"prompts\"");
  }
  const Place place = PlaceOf(item.id());
  std::map<std::string, const json*> prompts;
  bool is_empty = true;
  for (const json& prompt : ArrayOf(answer, "prompts")) {
    prompts[TextOf(prompt, "id")] = &prompt;
    for (const json& image : ArrayOf(prompt, "images")) {
      is_empty = false;
      RETURN_IF_ERROR(AddImage(image, prompt, place.query, sink));
    }
  }
  // The older shape has the pictures beside the prompts.
  for (const json& image : ArrayOf(answer, "images")) {
    is_empty = false;
    const auto prompt = prompts.find(TextOf(image, "promptid"));
    RETURN_IF_ERROR(
        AddImage(image, prompt == prompts.end() ? NoPrompt() : *prompt->second,
                 place.query, sink));
  }
  const std::optional<int64_t> next = NextCursor(answer, place);
  if (is_empty || !next) return absl::OkStatus();
  return sink.AddItem(Prompts(place.query, place.page + 1, *next));
}

// Only named fields are read: real answers have leaked user ids, addresses and
// fingerprints of browsers.
absl::Status LexicaScraper::AddImage(const json& image, const json& prompt,
                                     absl::string_view query,
                                     ScrapeSink& sink) const {
  const std::string id = TextOf(image, "id");
  if (!IsPlainId(id)) return sink.Refuse("bad id");
  const Facts facts(image, prompt);
  const std::string unwanted = Unwanted(facts);
  if (!unwanted.empty()) return sink.Refuse(unwanted, id);
  WorkItem found;
  found.set_source(source());
  found.set_id(id);
  found.set_url(absl::StrCat("/full_jpg/", id));
  found.set_base(kImageBase);
  found.set_kind(FETCH_KIND_IMAGE);
  std::string prompt_id = TextOf(image, "promptid");
  if (prompt_id.empty()) prompt_id = TextOf(prompt, "id");
  *found.mutable_provenance() = ProvenanceOf(facts, prompt_id, query);
  found.mutable_provenance()->set_page_url(absl::StrCat(base_, "/prompt/", id));
  return sink.AddItem(std::move(found));
}

}  // namespace verso
